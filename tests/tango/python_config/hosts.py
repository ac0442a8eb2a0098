# The constants of a Python Tango with several Docker hosts, in the form of one of its releases.
import logging
import os


class Config(object):
    PREFIX = "prod"
    PORT = 3000
    LOGLEVEL = logging.INFO
    COURSELABS = "courselabs"
    VMMS_NAME = "distDocker"
    DOCKER_VOLUME_PATH = "/opt/tango-volumes/"
    KEYS = [os.getenv("RESTFUL_KEY", "a-key-of-the-front-end-0123456789")]
    DOCKER_HOST_USER = ""
    DOCKER_RM_TIMEOUT = 5
    HOST_ALIAS = "docker-hosts.example.org"
    DOCKER_DISTRIBUTED_HOSTS = ["grader-1.example.org", "grader-2.example.org"]
    USE_SSH_MASTER = True
    VM_ULIMIT_USER_PROC = 100
    POOL_SIZE = 2
