"""Textract's own errors, by their names on the wire.

TextractError
├── InvalidParameter           a parameter is missing, malformed or out of range
├── InvalidS3Object            the object or version is not there or cannot be read
├── UnsupportedDocument        not a PNG, JPEG, TIFF or PDF, or more than one page in a sync call
├── DocumentTooLarge           over the size limit of the operation
├── BadDocument                right format, but broken, locked or out of the hard limits
├── InvalidJobId               no such job
├── IdempotentParameterMismatch  a used ClientRequestToken with other parameters
└── UnknownOperation           an operation that this endpoint does not have
All are the caller's fault and answered with HTTP 400, as the service does.
"""


class TextractError(Exception):
    """An error reply; `code` is its `__type`, the message goes out as it is."""

    code = "InternalServerError"
    http_status = 400


class InvalidParameter(TextractError):
    code = "InvalidParameterException"


class InvalidS3Object(TextractError):
    code = "InvalidS3ObjectException"


class UnsupportedDocument(TextractError):
    code = "UnsupportedDocumentException"


class DocumentTooLarge(TextractError):
    code = "DocumentTooLargeException"


class BadDocument(TextractError):
    code = "BadDocumentException"


class InvalidJobId(TextractError):
    code = "InvalidJobIdException"


class IdempotentParameterMismatch(TextractError):
    code = "IdempotentParameterMismatchException"


class UnknownOperation(TextractError):
    code = "UnknownOperationException"
