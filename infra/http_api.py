"""The HTTP API: two functions behind one REST API, which nobody calls unknown."""

import json
from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Config
from infra.cors import error_headers, preflight
from infra.problem_replies import add_problem_replies
from infra.request_models import RequestModels
from infra.routes import STREAMED, routes
from infra.shared import Shared

GATEWAY_LIMIT = Duration.seconds(29)  # a buffered integration's longest, without a raised quota


TLS_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
# The route, never the path, which holds keys; who called, never by what secret.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "caller": "$context.identity.caller",
    "user": "$context.identity.user",
    "apiKeyId": "$context.identity.apiKeyId",
    "principalId": "$context.authorizer.principalId",
    "httpMethod": "$context.httpMethod",
    "resourcePath": "$context.resourcePath",
    "protocol": "$context.protocol",
    "tlsVersion": "$context.tlsVersion",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "errorType": "$context.error.responseType",
    "authorizerError": "$context.authorizer.error",
    "integrationError": "$context.integration.error",
}


class HttpApi(Construct):
    """Exposes `api`. REST, not HTTP API: only REST streams a reply and replaces its own errors.

    API Gateway may write logs only with a role set once per account and region. We set one by
    default and leave it there when the stack goes; `-c api_log_role=false` keeps an account's own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        shared: Shared,
        methods: apigateway.MethodOptions,
        query: lambda_.IFunction,
        stream: lambda_.Function,
        stream_timeout: Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        config, retention = shared.config, shared.build.log_retention
        access_logs = logs.LogGroup(
            self, "AccessLogs", retention=retention, removal_policy=RemovalPolicy.DESTROY
        )
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=config.stack_name,  # what its metrics are told apart by
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=config.api_log_role,
            deploy_options=_stage(config, access_logs),
            default_method_options=methods,
            default_cors_preflight_options=preflight(config.origins),
        )
        self.api.node.try_remove_child("Endpoint")  # the stack names its own outputs
        _refuse_old_tls(self.api)
        whole = apigateway.LambdaIntegration(query, allow_test_invoke=False, timeout=GATEWAY_LIMIT)
        streamed = apigateway.LambdaIntegration(
            stream,
            allow_test_invoke=False,
            timeout=stream_timeout,
            response_transfer_mode=apigateway.ResponseTransferMode.STREAM,
        )
        self._add_routes({STREAMED: streamed}, whole)
        add_problem_replies(self.api, config.auth, error_headers(config.origins))

    def _add_routes(
        self,
        special: Mapping[str, apigateway.Integration],
        usual: apigateway.Integration,
    ) -> None:
        """Each route by its name: what the application does not know never reaches it."""
        found, schemas = routes()
        models = RequestModels(self, "Bodies", api=self.api, schemas=schemas)
        for route in found:
            self.api.root.resource_for_path(route.path).add_method(
                route.method,
                special.get(route.path, usual),
                request_models=models.of(route.body),
                request_validator=models.validator,
            )


def _refuse_old_tls(api: apigateway.RestApi) -> None:
    """TLS 1.2 with forward secrecy or 1.3, by the name the certificate is for; a regional API takes
    TLS 1.0 unless told (API Gateway guide, "Supported security policies")."""
    made = cast(apigateway.CfnRestApi, api.node.default_child)
    made.security_policy, made.endpoint_access_mode = TLS_POLICY, "STRICT"


def _stage(config: Config, access_logs: logs.LogGroup) -> apigateway.StageOptions:
    return apigateway.StageOptions(
        stage_name="v1",
        throttling_rate_limit=config.throttle_rate,
        throttling_burst_limit=config.throttle_burst,
        metrics_enabled=True,
        tracing_enabled=config.xray,
        logging_level=apigateway.MethodLoggingLevel.OFF,  # would log what a model refuses
        data_trace_enabled=False,  # would log questions and answers
        access_log_destination=apigateway.LogGroupLogDestination(access_logs),
        access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
    )
