#!/bin/sh
# Started by the Lambda Web Adapter, which passes requests on to this port and streams the replies.
exec python -m uvicorn --factory lambdas.query.app:create_app --host 127.0.0.1 --port "${PORT:-8080}" --no-access-log
