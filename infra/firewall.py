"""A web ACL before the API, by `-c waf=true`: known attackers, known attacks, too many requests."""

from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

Rule = waf.CfnWebACL.RuleProperty
REQUESTS_PER_IP = 2000  # in five minutes
LARGEST_BODY = 64 * 1024  # as the application's own limit, and the most that WAF can look at here
# Questions and keys are free text, which may tell of scripts, paths and addresses.
ATTACKS = ("CrossSiteScripting", "GenericLFI", "GenericRFI", "EC2MetaDataSSRF")
COUNTED = (
    *(f"{attack}_{part}" for attack in ATTACKS for part in ("BODY", "QUERYARGUMENTS")),
    "RestrictedExtensions_QUERYARGUMENTS",
    "SizeRestrictions_BODY",  # of 8 KB
    "SizeRestrictions_QUERYSTRING",  # of 2 KB: a key's 1,024 bytes can take 3 KB there
)


class Firewall(Construct):
    """Stands before one stage. Its log leaves the callers' credentials out."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: apigateway.Stage,
        retention: logs.RetentionDays,
    ) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen("Askbucket"),
            rules=[
                _managed(0, "AWSManagedRulesAmazonIpReputationList"),
                _managed(1, "AWSManagedRulesCommonRuleSet", counted=COUNTED),
                _managed(2, "AWSManagedRulesKnownBadInputsRuleSet"),
                _blocked(3, "RequestsPerIp", _too_many()),
                _blocked(4, "BodySize", _too_large()),
            ],
            association_config=waf.CfnWebACL.AssociationConfigProperty(
                request_body={
                    "API_GATEWAY": waf.CfnWebACL.RequestBodyAssociatedResourceTypeConfigProperty(
                        default_size_inspection_limit="KB_64"
                    )
                }
            ),
        )
        waf.CfnWebACLAssociation(
            self, "Stage", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
        )
        self._log(acl, retention)

    def _log(self, acl: waf.CfnWebACL, retention: logs.RetentionDays) -> None:
        group = logs.LogGroup(
            self,
            "Log",
            # WAF only writes to groups with this prefix (its guide, "Logging web ACL traffic").
            log_group_name=f"aws-waf-logs-{Stack.of(self).stack_name}",
            retention=retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[
                Stack.of(self).format_arn(
                    service="logs",
                    resource=f"log-group:{group.node.default_child.ref}",  # type: ignore[union-attr]
                )
            ],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "x-api-key", "x-amz-security-token")
            ],
        )


def _managed(priority: int, name: str, counted: tuple[str, ...] = ()) -> Rule:
    group = waf.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name=name,
        rule_action_overrides=[
            waf.CfnWebACL.RuleActionOverrideProperty(
                name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
            )
            for rule in counted
        ],
    )
    return Rule(
        name=name,
        priority=priority,
        statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=group),
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_seen(name),
    )


def _blocked(priority: int, name: str, statement: waf.CfnWebACL.StatementProperty) -> Rule:
    return Rule(
        name=name,
        priority=priority,
        statement=statement,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_seen(name),
    )


def _too_many() -> waf.CfnWebACL.StatementProperty:
    return waf.CfnWebACL.StatementProperty(
        rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
            limit=REQUESTS_PER_IP, aggregate_key_type="IP"
        )
    )


def _too_large() -> waf.CfnWebACL.StatementProperty:
    body: Any = waf.CfnWebACL.BodyProperty(oversize_handling="MATCH")
    return waf.CfnWebACL.StatementProperty(
        size_constraint_statement=waf.CfnWebACL.SizeConstraintStatementProperty(
            comparison_operator="GT",
            size=LARGEST_BODY,
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(body=body),
            text_transformations=[
                waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")
            ],
        )
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True,
        metric_name=name,
        sampled_requests_enabled=False,  # samples show whole headers
    )
