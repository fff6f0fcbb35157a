# Deploys Ingress Guard from its artifact, in the region of the provider.
#   terraform apply -var artifact=./ingress-guard-stack -var bucket=BUCKET -var allowlist=allowlist.yaml

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "artifact" {
  description = "The unpacked folder of the artifact"
  type        = string
}

variable "bucket" {
  description = "An S3 bucket in the same region"
  type        = string
}

variable "allowlist" {
  description = "The file with the allowlist. Check it before: ingress-guard check"
  type        = string
}

variable "mode" {
  description = "report-only, or enforce, which revokes"
  type        = string
  default     = "report-only"
}

variable "alert_email" {
  description = "Who gets alarms and messages. AWS sends a mail first, to be confirmed"
  type        = string
  default     = ""
}

variable "parameters" {
  description = "Other parameters of the stack, such as { Regions = \"us-east-1,eu-west-1\", SecurityHub = \"true\", Chat = \"true\" }"
  type        = map(string)
  default     = {}
}

locals {
  files = setunion(fileset(var.artifact, "*.zip"), ["template.json"])
  # Another artifact gets other keys, so that CloudFormation sees the change.
  prefix = "ingress-guard/${substr(filesha256("${var.artifact}/template.json"), 0, 16)}/"
}

data "aws_s3_bucket" "packages" {
  bucket = var.bucket
}

resource "aws_s3_object" "package" {
  for_each    = local.files
  bucket      = var.bucket
  key         = "${local.prefix}${each.value}"
  source      = "${var.artifact}/${each.value}"
  source_hash = filesha256("${var.artifact}/${each.value}")
}

resource "aws_ssm_parameter" "allowlist" {
  name  = "/ingress-guard/allowlist"
  type  = "String"
  tier  = "Intelligent-Tiering"
  value = file(var.allowlist)
}

resource "aws_cloudformation_stack" "ingress_guard" {
  name         = "elasticache-ingress-guard-prod"
  capabilities = ["CAPABILITY_IAM"]
  # Larger than template_body may be.
  template_url = "https://${data.aws_s3_bucket.packages.bucket_regional_domain_name}/${aws_s3_object.package["template.json"].key}"

  parameters = merge(var.parameters, {
    PackageBucket      = var.bucket
    PackagePrefix      = local.prefix
    AllowlistParameter = aws_ssm_parameter.allowlist.name
    Mode               = var.mode
    AlertEmail         = var.alert_email
  })

  depends_on = [aws_s3_object.package]
}

output "outputs" {
  description = "The names of queues, topic, functions and logs, and the URL of the dashboard"
  value       = aws_cloudformation_stack.ingress_guard.outputs
}
