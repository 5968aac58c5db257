"""From what a tool of an MCP server gave to a JSON value, without the bytes of pictures and sounds."""

from typing import Any

import mcp_types as types

from chat.tools.errors import ToolError


def output_of(result: types.CallToolResult) -> Any:
    """The structured value where there is one, else the text, else the list of what came. Raises ToolError
    with the tool's own words where it says that it failed."""
    pieces = [_piece(block) for block in result.content]
    if result.is_error:
        raise ToolError(_joined(pieces) or ToolError.message)
    if result.structured_content is not None:
        return result.structured_content
    if all(isinstance(piece, str) for piece in pieces):
        return _joined(pieces)
    return pieces


def _joined(pieces: list[Any]) -> str:
    return "\n".join(piece for piece in pieces if isinstance(piece, str))


def _piece(block: Any) -> Any:
    match block:
        case types.TextContent(text=text):
            return text
        case types.ImageContent(mime_type=kind, data=data) | types.AudioContent(mime_type=kind, data=data):
            return {"media_type": kind, "bytes": len(data) * 3 // 4}
        case types.ResourceLink(uri=uri, name=name):
            return {"uri": str(uri), "name": name}
        case types.EmbeddedResource(resource=types.TextResourceContents(uri=uri, text=text)):
            return {"uri": str(uri), "text": text}
        case types.EmbeddedResource(resource=resource):
            return {"uri": str(resource.uri), "media_type": resource.mime_type}
    return {"type": getattr(block, "type", "unknown")}
