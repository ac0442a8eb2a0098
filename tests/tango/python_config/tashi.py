# An early Python Tango with Tashi: tabs and blanks mixed, an old-style class, a VMMS object.
from vmms.tashiSSH import *
import logging

class Config:
    PREFIX = "prod"
    PORT = 9090
	# a comment that begins with a tab
    LOGFILE = "/usr/share/tango/tango.log"
    LOGLEVEL = logging.DEBUG
    COURSELABS = "/usr/share/tango/courselabs"
    VMMS_NAME = "tashiSSH"
    VMMS = TashiSSH()
    KEYS = ["course-front-end-key-1", 'course-front-end-key-2']
    DISPATCH_PERIOD = 0.2
    NUM_THREADS = 20
    REUSE_VMS = True
    WAITVM_TIMEOUT = 60
    RUNJOB_TIMEOUT = 5 * 60
    MAX_OUTPUT_FILE_SIZE = 1000 * 1024
    VM_ULIMIT_USER_PROC = 100
    JOB_RETRIES = 2
    POOL_SIZE = 2
    TASHI_IMAGE_PATH = "/raid/tashi/images/"
    MAX_JOBID = 500
    start_time = 0
    copyin_errors=0
