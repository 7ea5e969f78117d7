"""The version of Askbucket, as pyproject.toml has it; in Lambda no package metadata says it."""

VERSION = "0.1.0"
