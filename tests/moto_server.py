"""An S3 API that is not ours: moto, with authentication on, for tests/it/moto.rs.

Starts on a free port of loopback, makes a user who may do anything in one bucket, prints a line of
JSON with the endpoint and the user's keys, and serves until standard input ends.
"""

import json
import os
import sys

# These calls come before there is anybody who could sign them.
FIRST_CALLS = 4
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(FIRST_CALLS)

import boto3  # noqa: E402: moto reads its settings when it is imported
from moto.server import ThreadedMotoServer  # noqa: E402

BUCKET = "content"

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )


iam = client("iam")
iam.create_user(UserName="publisher")
key = iam.create_access_key(UserName="publisher")["AccessKey"]
allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = {"Version": "2012-10-17", "Statement": [allow]}
iam.put_user_policy(
    UserName="publisher", PolicyName="all", PolicyDocument=json.dumps(policy)
)
client("s3").create_bucket(Bucket=BUCKET)

print(
    json.dumps(
        {
            "endpoint": endpoint,
            "key": key["AccessKeyId"],
            "secret": key["SecretAccessKey"],
        }
    ),
    flush=True,
)
sys.stdin.read()
server.stop()
