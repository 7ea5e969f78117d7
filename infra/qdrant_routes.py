"""What of Qdrant's API may be asked through the gateway: what the package asks, and no more.

Left out with all else: snapshots (recovery from a URL makes the server fetch what it is told),
telemetry, aliases, and dropping a collection.
"""

ROUTES = (
    ("GET", "/"),
    ("PUT", "/collections/{name}"),
    ("GET", "/collections/{name}/exists"),
    ("PUT", "/collections/{name}/index"),
    ("PUT", "/collections/{name}/points"),
    ("POST", "/collections/{name}/points/{proxy+}"),
)
