"""LocalStack, with its CloudWatch made fast enough for two weeks of hourly metrics, and with SNS
topics that count their subscriptions.

LocalStack opens its database once for each value put, and searches all of it once for each hour asked
for: most of a second a metric. Here each takes one statement. As in AWS, and not in LocalStack, a
metric matches only when all of its dimensions do.
"""

import sqlite3

from localstack.runtime.main import main
from localstack.services.cloudwatch import cloudwatch_database_helper as helper
from localstack.services.sns.provider import SnsProvider

Database = helper.CloudwatchDatabase
COLUMNS = "account_id, region, metric_name, namespace, timestamp, dimensions, unit, storage_resolution"
MATCH = "account_id = ? AND region = ? AND namespace = ? AND metric_name = ? AND dimensions IS ? AND timestamp >= ? AND timestamp < ?"
make = Database.__init__
add_one_by_one = Database.add_metric_data
get_topic = SnsProvider._get_topic


def make_indexed(self):
    """Adds an index over what is asked for."""
    make(self)
    for table in (self.TABLE_SINGLE_METRICS, self.TABLE_AGGREGATED_METRICS):
        with self.DATABASE_LOCK, sqlite3.connect(self.METRICS_DB) as connection:
            connection.execute(
                f"CREATE INDEX IF NOT EXISTS by_time_{table} ON {table} (namespace, metric_name, dimensions, timestamp)"
            )


def add_metric_data(self, account_id, region, namespace, metric_data):
    """Adds plain values in one go; sets of values and statistics as LocalStack does."""
    plain = [d for d in metric_data if d.get("Value") is not None and d.get("Timestamp")]
    rows = [
        (
            account_id,
            region,
            datum["MetricName"],
            namespace,
            self._convert_timestamp_to_unix(datum["Timestamp"]),
            self._get_ordered_dimensions_with_separator(datum.get("Dimensions")),
            datum.get("Unit"),
            datum.get("StorageResolution"),
            datum["Value"],
        )
        for datum in plain
    ]
    insert = f"INSERT INTO {self.TABLE_SINGLE_METRICS} ({COLUMNS}, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    with self.DATABASE_LOCK, sqlite3.connect(self.METRICS_DB) as connection:
        connection.executemany(insert, rows)
    rest = [d for d in metric_data if d not in plain]
    if rest:
        add_one_by_one(self, account_id, region, namespace, rest)


def get_metric_data_stat(self, account_id, region, query, start_time, end_time, scan_by):
    """The values of one metric: all periods in one statement."""
    wanted = query["MetricStat"]
    metric, period, stat = wanted["Metric"], wanted["Period"], wanted["Stat"]
    start, end = (self._convert_timestamp_to_unix(t) for t in (start_time, end_time))
    dimensions = self._get_ordered_dimensions_with_separator(metric.get("Dimensions"))
    match = (account_id, region, metric["Namespace"], metric["MetricName"], dimensions, start, end)
    unit, units = wanted.get("Unit"), ""
    if unit:
        units = " AND unit IS ?"
        match += (None if unit == "NULL_VALUE" else unit,)
    sql = f"""
        SELECT (timestamp - ?) / ? AS period, {helper.STAT_TO_SQLITE_AGGREGATION_FUNC[stat]}, SUM(count) FROM (
            SELECT timestamp, value, 1 AS count FROM {self.TABLE_SINGLE_METRICS} WHERE {MATCH}{units}
            UNION ALL
            SELECT timestamp, {helper.STAT_TO_SQLITE_COL_NAME_HELPER[stat]}, sample_count
            FROM {self.TABLE_AGGREGATED_METRICS} WHERE {MATCH}{units}
        ) GROUP BY period ORDER BY period"""
    with self.DATABASE_LOCK, sqlite3.connect(self.METRICS_DB_READ_ONLY, uri=True) as connection:
        found = connection.execute(sql, (start, period, *match, *match)).fetchall()
    if scan_by is None or scan_by == helper.ScanBy.TimestampDescending:
        found.reverse()
    return {
        "timestamps": [start + row[0] * period for row in found],
        "values": [row[1] / row[2] if stat == "Average" else row[1] for row in found],
    }


def get_counted_topic(arn, context, *rest, **named):
    """A topic with its number of confirmed subscriptions, where LocalStack always says 0."""
    topic = get_topic(arn, context, *rest, **named)
    subscriptions = SnsProvider.get_store(context.account_id, context.region).subscriptions.values()
    confirmed = [s for s in subscriptions if s["TopicArn"] == arn and s["PendingConfirmation"] == "false"]
    topic["attributes"]["SubscriptionsConfirmed"] = str(len(confirmed))
    return topic


Database.__init__ = make_indexed
Database.add_metric_data = add_metric_data
Database.get_metric_data_stat = get_metric_data_stat
SnsProvider._get_topic = staticmethod(get_counted_topic)

if __name__ == "__main__":
    main()
