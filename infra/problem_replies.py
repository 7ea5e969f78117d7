"""The gateway's own errors as RFC 9457 problem details, like the application's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_apigateway as apigateway

Type = apigateway.ResponseType


@dataclass(frozen=True)
class Problem:
    """One kind of reply; without a status the gateway keeps its own, without a detail its words."""

    kind: apigateway.ResponseType
    title: str
    status: int | None = None
    detail: str | None = None


PROBLEMS = (
    Problem(Type.DEFAULT_4_XX, "Request refused"),
    Problem(Type.DEFAULT_5_XX, "Gateway error"),
    Problem(
        Type.UNAUTHORIZED,
        "Unauthorized",
        401,
        "The request bears no token that is good here and now. "
        "Send the header Authorization: Bearer TOKEN.",
    ),
    Problem(Type.ACCESS_DENIED, "Forbidden", 403),
    Problem(
        Type.INVALID_API_KEY,
        "Forbidden",
        403,
        "The request names no key that is good here. Send the header x-api-key: KEY.",
    ),
    Problem(Type.INVALID_SIGNATURE, "Forbidden", 403),
    Problem(Type.EXPIRED_TOKEN, "Forbidden", 403),
    Problem(Type.RESOURCE_NOT_FOUND, "Not found", 404),
    Problem(
        # Without the validator's own words: they quote the body, and nothing is escaped here.
        Type.BAD_REQUEST_BODY,
        "Unprocessable Content",
        422,
        "The body is not JSON as this route takes it: a field is missing, unknown, of another type "
        "or over its limit. GET /openapi.json describes every field.",
    ),
    Problem(
        Type.REQUEST_TOO_LARGE,
        "Request too large",
        413,
        "The body is over the gateway's 10 MB; upload files with POST /documents.",
    ),
    Problem(
        Type.THROTTLED,
        "Too many requests",
        429,
        "The API's request rate is used up; wait a moment and send the request again.",
    ),
    Problem(
        Type.QUOTA_EXCEEDED,
        "Too many requests",
        429,
        "The key's requests of this month are used up; ask the operator for more.",
    ),
    Problem(Type.INTEGRATION_FAILURE, "Gateway timeout or failure", 504),
    Problem(
        Type.INTEGRATION_TIMEOUT,
        "Gateway timeout",
        504,
        "No answer within the gateway's 29 s; ask again, or use POST /query/stream.",
    ),
)


NO_ROUTE = Problem(
    Type.MISSING_AUTHENTICATION_TOKEN,
    "Not found",
    404,
    "There is no such route or method; GET /openapi.json lists all.",
)
# The gateway has one reply for both, where signatures are asked for.
UNSIGNED = Problem(
    Type.MISSING_AUTHENTICATION_TOKEN,
    "Forbidden",
    403,
    "The request is not signed, or names no route. Sign it with SigV4 for execute-api, "
    "for example with curl --aws-sigv4; GET /openapi.json lists all routes.",
)


def add_problem_replies(api: apigateway.RestApi, auth: str, headers: Mapping[str, str]) -> None:
    """Replaces each of the gateway's own replies; any other kind falls back to the two defaults."""
    for problem in (*PROBLEMS, UNSIGNED if auth == "iam" else NO_ROUTE):
        api.add_gateway_response(
            f"Problem{problem.kind.response_type.title().replace('_', '')}",
            type=problem.kind,
            status_code=str(problem.status) if problem.status else None,
            response_headers={"Content-Type": "'application/problem+json'", **headers},
            templates={"application/json": _body(problem)},
        )


def _body(problem: Problem) -> str:
    """The template: plain substitution, no VTL; messageString comes with its own quotes."""
    fields: dict[str, object] = {"type": "about:blank", "title": problem.title}
    if problem.status:
        fields["status"] = problem.status
    fields["detail"] = problem.detail or "@"
    fields["request_id"] = "$context.requestId"
    return json.dumps(fields).replace('"@"', "$context.error.messageString")
