"""Who may call the API: one way of three, chosen by `-c auth=`."""

from collections.abc import Mapping

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.authorizer import Authorizer
from infra.shared import Shared
from infra.user_pool import UserPool

Type = apigateway.AuthorizationType


class Door(Construct):
    """Exposes `methods`, what every method of the API asks of its callers, and `outputs`."""

    def __init__(self, scope: Construct, construct_id: str, *, shared: Shared) -> None:
        super().__init__(scope, construct_id)
        self.outputs: Mapping[str, str] = {}
        ways = {"iam": self._signatures, "jwt": self._tokens, "api_key": self._keys}
        self.methods = ways[shared.config.auth](shared)

    def _signatures(self, _: Shared) -> apigateway.MethodOptions:
        return apigateway.MethodOptions(authorization_type=Type.IAM)

    def _tokens(self, shared: Shared) -> apigateway.MethodOptions:
        issuer, audience = shared.config.jwt_issuer, shared.config.jwt_audience
        if not issuer:
            users = UserPool(self, "UserPool", config=shared.config)
            issuer, audience = users.issuer, users.client.user_pool_client_id
            self.outputs = {"UserPoolId": users.pool.user_pool_id, "ClientId": audience}
        made = Authorizer(self, "TokenSide", shared=shared, issuer=issuer, audience=audience)
        return apigateway.MethodOptions(authorization_type=Type.CUSTOM, authorizer=made.authorizer)

    def _keys(self, _: Shared) -> apigateway.MethodOptions:
        return apigateway.MethodOptions(authorization_type=Type.NONE, api_key_required=True)
