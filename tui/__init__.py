"""codedeploy-forensics: what AWS CodeDeploy deployments left on an instance."""

__version__ = "0.1.0"
