"""How every test runs."""

from hypothesis import settings

# How long an example takes is the machine's affair: times belong in `make bench`.
settings.register_profile("askbucket", deadline=None)
settings.load_profile("askbucket")
