# For a pull request; `environment` is given on the command line.
target                    = "aws"
cloudwatch_retention_days = 3
log_level                 = "DEBUG"
protect_data              = false
monitoring                = "lean"
