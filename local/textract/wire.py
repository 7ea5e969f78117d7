"""Textract's JSON 1.1 protocol, checked against botocore's own copy of the service model.

The model holds every field name, type, length and pattern, so none of them is repeated here.
"""

import base64
import binascii
import json
import re
from typing import Any, cast

import botocore.session
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from local.textract.errors import InvalidParameter, UnknownOperation

TARGET_PREFIX = "Textract."
OPERATIONS = (
    "DetectDocumentText",
    "StartDocumentTextDetection",
    "GetDocumentTextDetection",
    "AnalyzeDocument",
    "StartDocumentAnalysis",
    "GetDocumentAnalysis",
)


def service_model() -> ServiceModel:
    """botocore's description of Textract; read from its files, about 50 ms."""
    return cast(ServiceModel, botocore.session.get_session().get_service_model("textract"))


def operation_of(target: str) -> str:
    """The operation named by an X-Amz-Target header.

    Raises:
        UnknownOperation: not one of the operations that this endpoint has.
    """
    name = target.removeprefix(TARGET_PREFIX)
    if name not in OPERATIONS:
        offered = ", ".join(OPERATIONS)
        raise UnknownOperation(f"{target!r} is not available offline; there is {offered}")
    return name


def parameters(body: bytes, shape: Shape) -> dict[str, Any]:
    """The request's parameters, blobs decoded, valid against `shape`.

    Raises:
        InvalidParameter: not JSON, or not what the service model asks for.
    """
    try:
        sent = json.loads(body or b"{}")
    except ValueError as error:
        raise InvalidParameter("Request is not valid JSON") from error
    decoded = _decoded(sent, shape)
    report = ParamValidator().validate(decoded, shape)
    broken = report.generate_report() or _broken_constraint(decoded, shape, "")
    if broken:
        raise InvalidParameter(f"Request has invalid parameters: {broken}")
    return cast(dict[str, Any], decoded)


def _decoded(value: Any, shape: Shape) -> Any:
    """The value with base64 texts turned to bytes where the model says blob."""
    if shape.type_name == "structure" and isinstance(value, dict):
        known = {name: member for name, member in value.items() if name in shape.members}
        return {name: _decoded(member, shape.members[name]) for name, member in known.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise InvalidParameter(f"{shape.name} is not base64") from error
    return value


def _broken_constraint(value: Any, shape: Shape, path: str) -> str:
    """What botocore leaves to the service: lengths, ranges and patterns. Empty if all hold."""
    if shape.type_name == "structure":
        found = (
            _broken_constraint(member, shape.members[name], f"{path}.{name}")
            for name, member in value.items()
        )
        return next(filter(None, found), "")
    if shape.type_name not in ("string", "integer"):
        return ""
    size = value if shape.type_name == "integer" else len(value)
    limits = shape.metadata
    if not limits.get("min", size) <= size <= limits.get("max", size):
        return f"{path[1:]} is {size}, allowed is {limits.get('min')} to {limits.get('max')}"
    pattern = limits.get("pattern")
    if pattern and not re.fullmatch(pattern, value, re.DOTALL):
        return f"{path[1:]} does not match {pattern}"
    return ""
