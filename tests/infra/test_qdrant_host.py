"""`-c qdrant=ec2`: who reaches the host, what it may do, and what stays when it goes."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.checks import BadContext
from infra.config import Config
from infra.qdrant_machine import CHECKSUM, FILES
from infra.qdrant_network import ADDRESSES
from infra.qdrant_routes import ROUTES
from tests.infra.reading import (
    actions,
    functions,
    listed,
    named,
    only,
    resources,
    statements,
    text,
)

Template = dict[str, Any]
OF_THE_HOST = ("AWS::EC2::", "AWS::AutoScaling::", "AWS::ApiGatewayV2::", "AWS::ServiceDiscovery::")
USER_DATA_BYTES = 16 * 1024  # EC2 user guide, "User data is limited to 16 KB, in raw form"


@pytest.fixture(scope="module")
def hosted(synthesise: Any) -> Template:
    template: Template = synthesise(qdrant="ec2")
    return template


def boot_script(template: Template) -> str:
    data = only(template, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]
    parts = data["UserData"]["Fn::Base64"]["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else "reference" for part in parts)


def test_without_the_switch_nothing_of_it_is_there(template: Template, synthesise: Any) -> None:
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith(OF_THE_HOST)]
    plain = {k: v for k, v in template.items() if k != "folder"}
    assert {k: v for k, v in synthesise(qdrant="none").items() if k != "folder"} == plain


def test_the_switch_adds_and_changes_only_how_the_store_is_reached(
    template: Template, hosted: Template
) -> None:
    before, after = template["Resources"], hosted["Resources"]
    changed = {name for name in before if before[name] != after[name]}
    assert {before[name]["Type"] for name in changed} == {
        "AWS::Lambda::Function",
        "AWS::IAM::Policy",
        "AWS::SecretsManager::Secret",
    }
    assert all(name.startswith("Qdrant") for name in set(after) - set(before))
    assert hosted["Outputs"] == template["Outputs"]


def test_every_function_asks_the_gateway_and_may_do_nothing_else_more(
    template: Template, hosted: Template
) -> None:
    api = named(hosted, "AWS::ApiGatewayV2::Api", "Qdrant")[0]
    for name, function in functions(hosted).items():
        variables = function["Environment"]["Variables"]
        assert text(variables["ASKBUCKET_STORE"]).startswith('{"Fn::Join": ["", ["qdrant+https://"')
        assert variables["ASKBUCKET_STORE"]["Fn::Join"][1][1] == {"Ref": api}
        assert variables["ASKBUCKET_STORE_AUTH"] == "iam"
        more = actions(hosted, f"{name}Side") - actions(template, f"{name}Side")
        assert more == {"execute-api:Invoke"}
    (grant,) = (s for s in statements(hosted, "SweepSide") if "execute-api" in text(s["Action"]))
    ends = [arn["Fn::Join"][1][-1] for arn in grant["Resource"]]
    assert ends == ["/$default/GET/", "/$default/*/collections/*"]


def test_every_route_wants_a_signature_and_no_other_is_there(hosted: Template) -> None:
    routes = [r["Properties"] for r in resources(hosted, "AWS::ApiGatewayV2::Route").values()]
    assert {route["AuthorizationType"] for route in routes} == {"AWS_IAM"}
    assert sorted(r["RouteKey"] for r in routes) == sorted(f"{m} {path}" for m, path in ROUTES)


def test_nobody_but_the_gateway_may_knock(hosted: Template) -> None:
    groups = resources(hosted, "AWS::EC2::SecurityGroup")
    assert all("SecurityGroupIngress" not in g["Properties"] for g in groups.values())
    (rule,) = resources(hosted, "AWS::EC2::SecurityGroupIngress").values()
    link = only(hosted, "AWS::ApiGatewayV2::VpcLink")["Properties"]
    assert rule["Properties"]["FromPort"] == rule["Properties"]["ToPort"] == 6333
    assert rule["Properties"]["SourceSecurityGroupId"] == link["SecurityGroupIds"][0]
    (out,) = named(hosted, "AWS::EC2::SecurityGroup", "QdrantNetworkHost")[1]["Properties"][
        "SecurityGroupEgress"
    ]
    assert (out["FromPort"], out["ToPort"]) == (443, 443)


def test_the_host_has_no_key_and_tells_its_credentials_to_no_one_else(hosted: Template) -> None:
    data = only(hosted, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert "KeyName" not in data
    (image,) = data["ImageId"].values()
    assert hosted["Parameters"][image]["Type"] == "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"


def test_the_old_host_ends_before_the_new_one_begins(hosted: Template) -> None:
    group = only(hosted, "AWS::AutoScaling::AutoScalingGroup")
    update = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert (group["Properties"]["MinSize"], group["Properties"]["MaxSize"]) == ("1", "1")
    assert update["MinInstancesInService"] == 0
    assert update["WaitOnResourceSignals"] is True
    assert group["CreationPolicy"]["ResourceSignal"]["Count"] == 1
    assert not resources(hosted, "AWS::EC2::VolumeAttachment")


def test_volume_and_snapshots_outlive_the_stack_unless_told_otherwise(synthesise: Any) -> None:
    for keep, policy in (("documents,index", "Retain"), ("documents", "Delete")):
        template = synthesise(qdrant="ec2", keep=keep)
        volume = only(template, "AWS::EC2::Volume")
        snapshots = named(template, "AWS::S3::Bucket", "Qdrant")[1]
        assert (volume["DeletionPolicy"], snapshots["DeletionPolicy"]) == (policy, policy)
        assert volume["Properties"]["Encrypted"] is True
        (rule,) = snapshots["Properties"]["LifecycleConfiguration"]["Rules"]
        assert rule["ExpirationInDays"] == 14


def test_the_volume_lies_where_the_host_is(synthesise: Any) -> None:
    template = synthesise(qdrant="ec2", qdrant_zone="us-east-1b", qdrant_disk_gb="50")
    volume, subnet = (only(template, f"AWS::EC2::{kind}") for kind in ("Volume", "Subnet"))
    assert volume["Properties"]["AvailabilityZone"] == "us-east-1b"
    assert subnet["Properties"]["AvailabilityZone"] == "us-east-1b"
    assert volume["Properties"]["Size"] == 50


def test_the_host_may_do_no_more_than_it_does(hosted: Template) -> None:
    assert actions(hosted, "QdrantMachineRole") == {
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
        "ec2:AttachVolume",
        "servicediscovery:RegisterInstance",
        "servicediscovery:DeregisterInstance",
        "secretsmanager:GetSecretValue",
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListBucket",
        "cloudformation:SignalResource",
    }
    for statement in statements(hosted, "QdrantMachineRole"):
        where = text(statement["Resource"])
        if "instance/*" in where:
            tags = only(hosted, "AWS::AutoScaling::AutoScalingGroup")["Properties"]["Tags"]
            (tag,) = (t for t in tags if t["PropagateAtLaunch"])
            wanted = {f"aws:ResourceTag/{tag['Key']}": tag["Value"]}
            assert statement["Condition"] == {"StringEquals": wanted}
        elif "s3:GetObject" in listed(statement["Action"]):
            assert "/snapshots/*" in where
        elif '"*"' in where:
            assert all(a.startswith("ssm") for a in statement["Action"])


def test_the_key_is_made_at_deployment_and_stands_in_no_template(hosted: Template) -> None:
    key = named(hosted, "AWS::SecretsManager::Secret", "KeysStoreKey")[1]["Properties"]
    assert key["GenerateSecretString"] == {
        "GenerateStringKey": "api_key",
        "SecretStringTemplate": "{}",
        "ExcludePunctuation": True,
    }


def test_the_boot_script_holds_every_file_and_fits(hosted: Template, tmp_path: Path) -> None:
    script = boot_script(hosted)
    assert len(script.encode()) < USER_DATA_BYTES
    for file in FILES.iterdir():
        assert file.read_text().rstrip() in script, file.name
    assert script.index("sha256sum --check --strict") < script.index("tar -xzf")
    assert f"export CHECKSUM='{CHECKSUM}'" in script
    (tmp_path / "boot.sh").write_text(script)
    subprocess.run(["bash", "-n", str(tmp_path / "boot.sh")], check=True)


def test_qdrant_itself_talks_to_the_network_of_the_host_alone() -> None:
    unit = (FILES / "qdrant.service").read_text()
    assert f"IPAddressDeny=any\nIPAddressAllow=localhost {ADDRESSES}\n" in unit


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"qdrant": "ecs"}, "qdrant='ecs' is not one of none, ec2"),
        ({"qdrant_instance": "t3.small"}, "not of Graviton"),
        ({"qdrant_disk_gb": "4"}, "qdrant_disk_gb=4 is outside 5 to"),
        ({"qdrant": "ec2", "store": "qdrant+https://h:6333/c"}, "pass only one of them"),
    ],
)
def test_what_cannot_be_is_named_with_the_way_out(context: dict[str, str], said: str) -> None:
    with pytest.raises(BadContext, match=said):
        Config.from_context(context.get)
