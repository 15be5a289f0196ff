"""The schemas that editors get, as judges of values; by the name of the file, or `message` for front matter."""

from jsonschema import Draft7Validator

from channels.registry import KINDS
from content.front_matter import message_schema
from publisher.schedules.schema import included_schema, schedules_schema
from tests.schema_values import CHANNELS, SCHEDULES

MESSAGE = "message"
JUDGES = {
    SCHEDULES: Draft7Validator(schedules_schema(KINDS)),
    CHANNELS: Draft7Validator(included_schema(KINDS)),
    MESSAGE: Draft7Validator(message_schema()),
}
