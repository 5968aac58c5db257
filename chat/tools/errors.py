"""What can go wrong with a tool. The model reads the message and may try something else; people read it too.

ToolError                    code and a sentence
├── ToolNotFound             no such tool is offered in this run
├── ArgumentsInvalid         not JSON, or not what the tool's schema asks for
├── ToolRejected             a person said no, or nobody said anything for too long
├── ToolTimeout              longer than the tool may take
├── ToolUnavailable          its server cannot be reached, or went away in the middle
├── OutputTooLarge           more than this server is willing to hold
└── OutcomeUnknown           it was started, and nobody knows what became of it
"""
# ruff: noqa: N818  (the names say what happened; that it is an error, the tree says)


class ToolError(Exception):
    code = "tool_failed"
    message = "The tool failed."

    def __init__(self, message: str = "", *, code: str = "") -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        super().__init__(self.message)


class ToolNotFound(ToolError):
    code = "tool_not_found"
    message = "There is no such tool here."


class ArgumentsInvalid(ToolError):
    code = "tool_arguments_invalid"
    message = "The arguments are not what the tool asks for."


class ToolRejected(ToolError):
    code = "tool_rejected"
    message = "The call was not allowed."


class ToolTimeout(ToolError):
    code = "tool_timeout"
    message = "The tool did not answer in time."


class ToolUnavailable(ToolError):
    code = "tool_unavailable"
    message = "The tool's server cannot be reached."


class OutputTooLarge(ToolError):
    code = "tool_output_too_large"
    message = "The tool's answer was too large."


class OutcomeUnknown(ToolError):
    code = "tool_unknown_outcome"
    message = "The call was started, and nobody knows whether it was done."
