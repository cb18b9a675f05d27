target                    = "aws"
environment               = "prod"
cloudwatch_retention_days = 365
enable_xray_tracing       = true
backup_retention_days     = 365
deployment_preference     = "canary"
feed_shards               = 4
