"""What a body must look like, checked by the gateway before it costs an invocation."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.draft4 import draft4

DRAFT = "http://json-schema.org/draft-04/schema#"
# A body of any other content type is held to the same model instead of to none (API Gateway guide,
# "Request validation for REST APIs"); the second name is for bodies that say what they are.
EVERY_TYPE = ("$default", "application/json")


class RequestModels(Construct):
    """Exposes `validator`, which holds requests to their route's model."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api: apigateway.RestApi,
        schemas: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, construct_id)
        self._api, self._schemas = api, schemas
        self._models: dict[str, apigateway.IModel] = {}
        self.validator = apigateway.RequestValidator(
            self,
            "Validator",
            rest_api=api,
            validate_request_body=True,
            validate_request_parameters=True,
        )

    def of(self, body: str | None) -> Mapping[str, apigateway.IModel] | None:
        """The model of a body by content type; None where a route takes none."""
        if body is None:
            return None
        if body not in self._models:
            self._models[body] = self._model(body)
        return dict.fromkeys(EVERY_TYPE, self._models[body])

    def _model(self, body: str) -> apigateway.IModel:
        schema = {"$schema": DRAFT, "title": body, **draft4(self._schemas[body], self._schemas)}
        made = apigateway.CfnModel(
            self,
            body,
            rest_api_id=self._api.rest_api_id,
            content_type="application/json",
            schema=schema,
        )
        deployment = self._api.latest_deployment
        if deployment is not None:  # a changed model counts once it is deployed
            deployment.add_to_logical_id(schema)
            deployment.node.add_dependency(made)
        return apigateway.Model.from_model_name(self, f"{body}Name", made.ref)
