"""Web pages of other origins that may call the API: those of `-c cors_origins=`, by name."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

HEADERS = [
    *("Authorization", "Content-Type", "Idempotency-Key"),
    *("X-Api-Key", "X-Amz-Date", "X-Amz-Security-Token"),
]
METHODS = ["GET", "POST", "DELETE", "OPTIONS"]
REMEMBERED = Duration.hours(1)


def preflight(origins: list[str]) -> apigateway.CorsOptions | None:
    """The gateway's own reply to OPTIONS, which asks for no credentials; None where none may call.

    Credentials in cookies are not allowed: every caller shows a header, which no page sends by
    itself.
    """
    if not origins:
        return None
    return apigateway.CorsOptions(
        allow_origins=origins, allow_methods=METHODS, allow_headers=HEADERS, max_age=REMEMBERED
    )


def error_headers(origins: list[str]) -> dict[str, str]:
    """Headers of the gateway's own errors, so that a page can read why it was refused.

    Such a reply can only name one origin, or the one that asked; it tells nothing that is secret.
    """
    if not origins:
        return {}
    one = f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
    return {"Access-Control-Allow-Origin": one, "Vary": "'Origin'"}
