#!/bin/sh
# Started by the Lambda Web Adapter, which passes requests on to this port and streams the replies.
# Its wrapper replaces Lambda's own start-up, so the layers' folder has to be put on the path here.
export PYTHONPATH="${LAMBDA_TASK_ROOT}:${PYTHONPATH}:/opt/python"
exec python -m uvicorn --factory lambdas.query.app:create_app --host 127.0.0.1 --port "${PORT:-8080}" --no-access-log
