"""Bedrock's own errors; the app turns them into replies that boto3 raises under the same name."""


class ServiceError(Exception):
    """`code` is the error's name in the service model, `status` its HTTP status."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", 400, message)


def malformed(reason: str) -> ServiceError:
    """In the words Bedrock uses for a body that does not fit a model's schema."""
    return invalid(f"Malformed input request: {reason}, please reformat your input and try again.")


def unknown_model(model: str, known: list[str]) -> ServiceError:
    message = f"Could not find the model {model}; this endpoint has {', '.join(known)}."
    return ServiceError("ResourceNotFoundException", 404, message)
