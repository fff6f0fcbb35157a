#!/usr/bin/env bash
# Deploys Ingress Guard from its artifact, with the AWS CLI 2 and nothing else: aws-cli.sh ARTIFACT BUCKET ALLOWLIST [NAME=VALUE]...
# ARTIFACT is the unpacked folder, BUCKET an S3 bucket of yours in the region to guard. NAME=VALUE are parameters of the stack, such
# as Mode=enforce, AlertEmail=oncall@example.com, Regions=us-east-1,eu-west-1, SecurityHub=true and Chat=true.
set -euo pipefail

artifact=$1 bucket=$2 allowlist=$3
shift 3
# The functions must read what is stored here, so its name goes to the stack each time.
parameter=/ingress-guard/allowlist
for given in "$@"; do
  case $given in AllowlistParameter=*) parameter=${given#*=} ;; esac
done
prefix=ingress-guard/$(cat "$artifact"/template.json "$artifact"/*.zip | sha256sum | cut -c1-16)/

# First, because the functions read it from their first event on.
aws ssm put-parameter --name "$parameter" --type String --tier Intelligent-Tiering --overwrite \
  --value "file://$allowlist"
aws s3 cp "$artifact" "s3://$bucket/$prefix" --recursive --exclude '*' --include '*.zip'
# The template is too large to go with the call, so it goes through the bucket too.
aws cloudformation deploy --stack-name elasticache-ingress-guard-prod --template-file "$artifact/template.json" \
  --s3-bucket "$bucket" --s3-prefix ingress-guard --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset \
  --parameter-overrides "PackageBucket=$bucket" "PackagePrefix=$prefix" "AllowlistParameter=$parameter" "$@"
