"""The rules that no linter knows. Each module holds one subject and a `check` that yields what is wrong."""

from . import alarms, api, contract, events, functions, importers, policies, queues, schedules, secrets, storage

ALL = [functions.check, api.check, queues.check, schedules.check, policies.check, storage.check, secrets.check, alarms.check, contract.check, importers.check, events.check]
