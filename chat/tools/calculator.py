"""Arithmetic, evaluated without Python's eval: numbers, operators and a few functions, nothing else.

Every power and product is bounded before it is computed, so that no expression takes long or fills memory.
"""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, Final

from chat.tools.errors import ArgumentsInvalid

LONGEST: Final = 1_000  # characters
MOST_BITS: Final = 4_096  # of an integer: about 1,200 digits

Number = int | float


def calculate(expression: str) -> Number:
    """Raises ArgumentsInvalid for what is no arithmetic, has no result, or is too large."""
    if len(expression) > LONGEST:
        raise ArgumentsInvalid("The expression is too long.")
    try:
        return _bounded(_value(ast.parse(expression.strip().replace("^", "**"), mode="eval").body))
    except (SyntaxError, RecursionError, MemoryError, ValueError, TypeError):
        raise ArgumentsInvalid("This is not arithmetic that can be calculated.") from None
    except ArithmeticError as error:
        raise ArgumentsInvalid(f"There is no result: {error}.") from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _SIGNS:
            return _SIGNS[type(sign)](_value(operand))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _bounded(_OPERATORS[type(sign)](_value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*map(_value, args)))
    raise ArgumentsInvalid("Only numbers, + - * / // % **, parentheses and common functions can be used.")


def _bounded(number: Number) -> Number:
    if isinstance(number, int) and number.bit_length() > MOST_BITS:
        raise ArgumentsInvalid("The result is too large.")
    if isinstance(number, float) and not math.isfinite(number):
        raise ArgumentsInvalid("The result is too large.")
    return number


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * exponent > MOST_BITS:
        raise ArgumentsInvalid("The result is too large.")
    result = base**exponent
    if isinstance(result, complex):
        raise ArgumentsInvalid("The result is not a real number.")
    return result


def _factorial(number: Number) -> Number:
    if number > 500:  # 500! has 3,767 bits
        raise ArgumentsInvalid("The result is too large.")
    return math.factorial(int(number))


_CONSTANTS: Final = {"pi": math.pi, "e": math.e, "tau": math.tau}
_SIGNS: Final[dict[type, Callable[[Any], Number]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_OPERATORS: Final[dict[type, Callable[[Any, Any], Number]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
_FUNCTIONS: Final[dict[str, Callable[..., Number]]] = {
    **{name: getattr(math, name) for name in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan")},
    **{name: getattr(math, name) for name in ("asin", "acos", "atan", "atan2", "degrees", "radians")},
    **{name: getattr(math, name) for name in ("floor", "ceil", "hypot", "gcd")},
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
    "factorial": _factorial,
}
