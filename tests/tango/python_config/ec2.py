# A Python Tango as the documentation's section on Amazon EC2 leaves it.
import os


class Config(object):
    PREFIX = "local"
    PORT = 3000
    KEYS = [os.getenv("RESTFUL_KEY", "test")]
    VMMS_NAME = "ec2SSH"
    REUSE_VMS = True
    INITIALIZEVM_TIMEOUT = 180
    WAITVM_TIMEOUT = 60
    RUNJOB_TIMEOUT = 60
    DOCKER_HOST_USER = ""
    POOL_SIZE = 2
    SSH_RETRIES = 5

    ######
    # Part 5: EC2 Constants
    #
    EC2_REGION = 'us-east-1'             # EC2 Region
    EC2_USER_NAME = 'ubuntu'             # EC2 username
    DEFAULT_AMI = 'ami-4c99c35b'         # Custom AMI Id
    DEFAULT_INST_TYPE = 't2.micro'       # Instance Type
    DEFAULT_SECURITY_GROUP = 'autolab-autograde-ec2'  # Security Group with full access to EC2
    SECURITY_KEY_PATH = '/path/to/my-key-pair.pem'    # Absolute path to my-key-pair.pem
    DYNAMIC_SECURITY_KEY_PATH = ''       # Leave blank
    SECURITY_KEY_NAME = 'my-key-pair'    # Name of the key file
    TANGO_RESERVATION_ID = '1'           # Leave as 1
    INSTANCE_RUNNING = 16                # Status code of a running instance, leave as 16

    MAX_EC2_VMS = 5  # The maximum number of spot instances allowed at once
