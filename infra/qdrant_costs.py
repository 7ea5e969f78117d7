"""What a month of `-c qdrant=ec2` costs, whether it is asked or not.

List prices of us-east-1 in US dollars, as of August 2026, without free tiers. On top come $1.00 for
a million requests to the store and a few cents for snapshots and logs.
"""

from infra.config import Config

ROOT_GB = 8  # beside the volume of the data
MONTH_HOURS = 730
T4G_SMALL_HOUR = 0.0168
GP3_GB_MONTH = 0.08
ADDRESS_HOUR = 0.005  # any public IPv4 address
REGISTERED_MONTH = 0.10  # a host in Cloud Map; the gateway's link to the network is free


def host_month() -> float:
    """Dollars of the default host: t4g.small, its two volumes, its address."""
    hours = MONTH_HOURS * (T4G_SMALL_HOUR + ADDRESS_HOUR)
    return hours + GP3_GB_MONTH * (ROOT_GB + Config().qdrant_disk_gb) + REGISTERED_MONTH
