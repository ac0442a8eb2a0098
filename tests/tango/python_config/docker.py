# The constants of a Python Tango of today, with Docker, as its package ships them.
import logging
import os
import time


class Config(object):
    DEFAULT_PREFIX = "local"
    PREFIX = os.getenv("DOCKER_DEPLOYMENT", DEFAULT_PREFIX).lower()
    PORT = 3000
    LOGFILE = None
    LOGLEVEL = logging.DEBUG
    COURSELABS = "courselabs"
    OUTPUT_FOLDER = "output"
    VMMS_NAME = "localDocker"
    DEFAULT_DOCKER_VOLUME_PATH = ""
    DOCKER_VOLUME_PATH = os.getenv("DOCKER_VOLUME_PATH", DEFAULT_DOCKER_VOLUME_PATH)

    DEFAULT_KEY = "test"
    KEYS = [os.getenv("RESTFUL_KEY", DEFAULT_KEY)]
    DISPATCH_PERIOD = 0.2
    TIMER_POLL_INTERVAL = 1
    NUM_THREADS = 20
    REUSE_VMS = True

    INITIALIZEVM_TIMEOUT = 180
    WAITVM_TIMEOUT = 60
    COPYIN_TIMEOUT = 30
    RUNJOB_TIMEOUT = 60
    COPYOUT_TIMEOUT = 30

    BOOT2DOCKER_INIT_TIMEOUT = 5
    BOOT2DOCKER_START_TIMEOUT = 30
    BOOT2DOCKER_ENV_TIMEOUT = 5
    DOCKER_IMAGE_BUILD_TIMEOUT = 300
    DOCKER_RM_TIMEOUT = 5
    DOCKER_HOST_USER = ""
    DOCKER_CORES_LIMIT = None
    DOCKER_MEMORY_LIMIT = None  # in MB

    MAX_INPUT_FILE_SIZE = 10 * 1024 * 1024 * 1024  # 10GB
    MAX_OUTPUT_FILE_SIZE = 1000 * 1024
    VM_ULIMIT_FILE_SIZE = 100 * 1024 * 1024
    VM_ULIMIT_USER_PROC = 100

    JOB_RETRIES = 2
    SSH_RETRIES = 5
    SSH_INTERVAL = 0.5
    DESTROY_SECS = 5
    CREATEVM_SECS = 1
    POOL_SIZE = 2
    LOG_TIMING = False
    MAX_JOBID = 1000

    start_time = time.time()
    job_requests = 0
    job_retries = 0
    waitvm_timeouts = 0
    copyin_errors = 0
    runjob_timeouts = 0
    runjob_errors = 0
    copyout_errors = 0

    USE_REDIS = True
    DEFAULT_REDIS_HOSTNAME = "127.0.0.1"
    REDIS_HOSTNAME = os.getenv("DOCKER_REDIS_HOSTNAME", DEFAULT_REDIS_HOSTNAME).lower()
    REDIS_PORT = 6379

    EC2_REGION = ""
    EC2_USER_NAME = ""
    DEFAULT_AMI = ""
    DEFAULT_INST_TYPE = ""
    DEFAULT_SECURITY_GROUP = ""
    SECURITY_KEY_PATH = ""
    DYNAMIC_SECURITY_KEY_PATH = ""
    SECURITY_KEY_NAME = ""
    TANGO_RESERVATION_ID = ""
    INSTANCE_RUNNING = 16
    MAX_EC2_VMS = 5
