# A fork's constants: pools with a low-water mark, autodriver's timestamps, limits in a condition.
import os, time

MINUTE = 60

class Config:
    PREFIX = "local"
    PORT = int(os.environ.get("TANGO_PORT", "8610"))
    VMMS_NAME = "ec2SSH"
    KEYS = ("a-key-that-is-long-enough",)
    RUNJOB_TIMEOUT = 2 * MINUTE
    AUTODRIVER_LOGGING_TIME_ZONE = "UTC"
    AUTODRIVER_TIMESTAMP_INTERVAL = 0
    DOCKER_CORES_LIMIT = 1.5
    DOCKER_MEMORY_LIMIT = 512
    VM_ULIMIT_USER_PROC = os.cpu_count() * 50
    JOB_RETRIES = -1
    KEEP_VM_AFTER_FAILURE = None
    MAX_POOL_SIZE = 10
    POOL_SIZE_LOW_WATER_MARK = 5
    POOL_ALLOC_INCREMENT = 2
    MAX_CONCURRENT_JOBS = 8
    USE_REDIS = True
    REDIS_HOSTNAME = "127.0.0.1"
    OUR_OWN_THING = {"a": 1}
    if os.path.exists("/big"):
        MAX_OUTPUT_FILE_SIZE = 10 ** 7
