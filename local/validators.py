"""Request validators: the emulator's gateway knows them, its CloudFormation makes none."""

from collections.abc import Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]


def mend_validators(
    gateway: Any, template: Mapping[str, Any], physical_ids: Mapping[str, str]
) -> None:
    """Makes the template's validators and sets them before its methods. `physical_ids` are those
    of a deployed stack, by logical id."""
    made = {
        name: gateway.create_request_validator(
            restApiId=physical_ids[validator["RestApiId"]["Ref"]],
            name=name,
            validateRequestBody=validator["ValidateRequestBody"],
            validateRequestParameters=validator["ValidateRequestParameters"],
        )["id"]
        for name, validator in _of_kind(template, "AWS::ApiGateway::RequestValidator")
    }
    for _, method in _of_kind(template, "AWS::ApiGateway::Method"):
        if "RequestValidatorId" in method:
            validator = made[method["RequestValidatorId"]["Ref"]]
            gateway.update_method(
                restApiId=physical_ids[method["RestApiId"]["Ref"]],
                resourceId=physical_ids[method["ResourceId"]["Ref"]],
                httpMethod=method["HttpMethod"],
                patchOperations=[
                    {"op": "replace", "path": "/requestValidatorId", "value": validator}
                ],
            )


def _of_kind(template: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Resource]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]
