"""The record and its authority: what is on it was committed once, in its place, and cannot be changed in silence.

`AuditLog` (in `pdp.audit.log`) is what other rooms hold. All of it is asynchronous and returns after the commit.

    audit = AuditLog(store); await audit.start(); ...; await audit.close()

    audit.gate.open        False while nothing can be stored: then nothing may be decided
    await audit.record(record)
                           one AuditRecord into this process's own spool; many share one fsync
    await audit.record_with(records, write)
                           the same with a change: `write(entries)` runs on the writer's thread with the stamped
                           entries and stores both in one transaction, for example
                           `lambda entries: store.flip(tenant, revision, entries)`; `pdp.audit.records.change_records`
                           makes the records of a change of configuration

    intake = await audit.open_spool(shipper, spool_id, predecessor_id, predecessor_last_sequence)
    intake.acknowledged; await intake.append(batch) -> acknowledged sequence
    await audit.reported(shipper, spool_id, last_sequence)
                           from lease renewals
    await audit.committed_sequence(tenant, spool_id)

    stream = await audit.open_stream(tenant, agent, stream_id)
    stream.acknowledged; await stream.append(sequence, record) -> acknowledged sequence

    await audit.list(tenant, where, page_size, page_token) -> Page
    async with audit.tail(tenant, where, backlog) as records: async for stored in records: ...

Records handed in have to carry record_id, tenant, record_time and kind; spool_id and sequence are stamped here.
`pdp.store.errors.Unavailable` from any of these is answered with UNAVAILABLE, `InvalidInput` with INVALID_ARGUMENT, and
the errors of `pdp.audit.errors` as their docstrings say.
"""
