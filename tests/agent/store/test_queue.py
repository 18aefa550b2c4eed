"""The queue as the cell's role uses it: jobs go in with the facts they follow from.

Owns the schema's usability. Must never test Procrastinate itself.
"""

import psycopg
from procrastinate import App, PsycopgConnector
from sqlalchemy import create_engine, text

from deputy.agent.store import queue
from deputy.journals.engines import driver_url, libpq_url, open_engine
from tests.databases import Database


def app_on(database: Database) -> tuple[App, list[str]]:
    connector = PsycopgConnector(
        conninfo=libpq_url(database.role), kwargs={"options": "-c search_path=queue"}
    )
    done: list[str] = []
    app = App(connector=connector)

    @app.task(name="work", queue="turns")
    async def work(turn: str) -> None:
        done.append(turn)

    return app, done


async def test_a_job_deferred_with_its_fact_runs_once_and_a_rolled_back_one_never(
    cell_database: Database,
) -> None:
    app, done = app_on(cell_database)
    engine = open_engine(cell_database.role)
    async with app.open_async():
        for turn, kept in (("lost", False), ("kept", True)):
            async with engine.connect() as connection, connection.begin() as transaction:
                await connection.execute(text("SET LOCAL search_path = cell, queue"))
                raw = (await connection.get_raw_connection()).driver_connection
                task = app.configure_task("work", connection=raw, lock="ses_1", queue="turns")
                await task.defer_async(turn=turn)
                if not kept:
                    await transaction.rollback()
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    await engine.dispose()
    assert done == ["kept"]


def test_a_queue_that_is_up_to_date_is_left_as_it_is(empty_database: Database) -> None:
    engine = create_engine(driver_url(empty_database.owner))
    with engine.begin() as connection:
        queue.bring_up_to_date(connection)
    with engine.begin() as connection:
        before = connection.execute(text("SHOW search_path")).scalar_one()
        queue.bring_up_to_date(connection)
        assert connection.execute(text("SHOW search_path")).scalar_one() == before
    engine.dispose()
    with psycopg.connect(libpq_url(empty_database.owner)) as connection:
        found = connection.execute(
            "SELECT obj_description('queue'::regnamespace, 'pg_namespace'),"
            " to_regclass('queue.procrastinate_jobs') IS NOT NULL,"
            " to_regclass('public.procrastinate_jobs') IS NULL"
        ).fetchone()
    assert found == (queue.newest_change(), True, True)
