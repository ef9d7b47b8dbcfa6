/**
 * Every code of ours: of errors, rejections, waiting keys and log lines. Salesforce's own codes keep its spelling and
 * stand in the client's catalogue of refusals.
 *
 * Codes are stable, since people search for them. The comment on each says what happened, when that is normal, and
 * what to do; `docs/codes.md` is written from here (`npm run docs`).
 */
export type Code =
  | FindingCode

  // ## A connection
  /** No connection has this id. Normal after an id was mistyped. Check it with `connections`. */
  | 'UNKNOWN_CONNECTION'
  /** An operator paused the connection, and its keys wait. Normal until somebody resumes it. Resume it with `resume`. */
  | 'CONNECTION_PAUSED'
  /** The connection was disconnected, and its work is dropped. Normal after `disconnect`. Connect the tenant again if that was not meant. */
  | 'CONNECTION_REVOKED'
  /** Salesforce no longer accepts the connection's tokens: a person ended the session, the user is inactive, or a policy of the org expired it. Its keys wait. Issue a ticket and let the tenant's admin authorise again. */
  | 'CONNECTION_REAUTHORIZATION_REQUIRED'
  /** The connection is paused, or must be authorised again, so nothing can run for it. Resume it, or let the tenant's admin authorise again. */
  | 'CONNECTION_NOT_ACTIVE'
  /** The connection was changed or authorised again while it was being disconnected. Normal when two people act at once. Look at it with `connections`, then repeat the operation. */
  | 'CONNECTION_CHANGED'
  /** Another function is refreshing the token, or the answer to the last refresh was lost. Normal for up to 28 seconds. If it lasts, look for an outage of Salesforce's login. */
  | 'TOKEN_REFRESH_UNSETTLED'
  /** The answer to a refresh named a host that is not Salesforce's, and no token is sent there. Never normal. Check the connection's login URL and what stands between this account and Salesforce. */
  | 'UNTRUSTED_INSTANCE'

  // ## A mapping and its hints
  /** The hint's mapping is not in the deployed config, or its table is no longer this tenant's. Normal after a mapping was removed. The hint is dropped. */
  | 'UNKNOWN_MAPPING'
  /** The mapping does not fit the org's schema. Its keys wait and it is checked again every minute. Read its problems with `mappings`, then change the org or the mapping. */
  | 'MAPPING_INVALID'
  /** The mapping was changed while a pass over it was under way. Normal after a deployment. The pass begins again by itself. */
  | 'MAPPING_CHANGED'
  /** The mapping is rehearsed, and this would write, or compare everything. Nothing happens. Promote it first. */
  | 'MAPPING_REHEARSED'
  /** What a rehearsal kept is being dropped, and the first pass follows. Normal after a promotion, and where the mapping changed in its rehearsal. It goes on by itself. */
  | 'REHEARSAL_ENDING'
  /** The mapping is live, or was promoted already. Nothing happens. */
  | 'NOT_IN_REHEARSAL'
  /** The hash is not that of the last report, or the mapping changed since. Nothing happens. Ask for a new report, and read it. */
  | 'REHEARSAL_REPORT_STALE'
  /** The rehearsal's first pass is not over, so its report does not say all. Nothing happens. Wait for it, or see what keeps it in `mappings`. */
  | 'REHEARSAL_UNFINISHED'
  /** A row of Salesforce lacks a mapped field, or has it with another type. Nothing of the row is used, and the mapping is checked again. Normal while an admin changes the object. Otherwise read the mapping's problems. */
  | 'SCHEMA_DRIFT'
  /** The mapping goes from Salesforce alone, so nothing can be pushed. Choose another mapping, or change its direction. */
  | 'WRONG_DIRECTION'
  /** A first load has more records than are read row by row, so a bulk job reads them. Normal. Follow it in Step Functions. */
  | 'BULK_LOAD'
  /** Another worker or a bulk job is writing this record to Salesforce. Normal for seconds, or for as long as the job runs. The key comes back by itself. */
  | 'LEASE_HELD'
  /** The connection's time in this invocation was over before this message. Normal under load. The message comes back. */
  | 'OUT_OF_TIME'
  /** A later revision of the mapping has written the link, so this code is on its way out, or a plan of a change is being applied. Normal during either. The key comes back by itself. */
  | 'LATER_REVISION'
  /** Both sides changed a field, and the stream has not yet told when the item changed. Normal for seconds. The key comes back by itself, and Salesforce wins if nobody tells. */
  | 'LOCAL_TIME_UNKNOWN'
  /** Others changed the item or the record each time that it was about to be written. Normal under contention. The key comes back by itself. */
  | 'CONTENDED'
  /** A person has released the tombstone of this pair, which is looked at as if it were new. Normal for seconds. The key comes back by itself. */
  | 'TOMBSTONE_RELEASED'
  /** Another function carries this pass on, or the mapping changed under it. Normal after a message came twice. Nothing is lost; a pass that somebody asked for comes again four times. */
  | 'PASS_TAKEN_OVER'
  /** Another mapping of the connection is in a full sweep, or this one's first pass is not over. Normal. The full sweep goes on by itself. */
  | 'FULL_SWEEP_WAITS'
  /** There is nothing to sign: the mapping was never swept in full, or too many pairs were not in step, or one went over to another record meanwhile, or the sweep took longer than six days. See `proof`, and begin a full sweep with `full-sweep`. */
  | 'NO_PROOF'
  /** Salesforce gave records in another order than that of their ids, so that a full sweep cannot compare them. Never normal. The full sweep ends, and nothing was hinted wrongly. */
  | 'IDS_OUT_OF_ORDER'
  /** The mapping is new or was changed, and `requirePlan` asks for an applied plan first. A new one waits, a changed one goes on as it was. Make a plan with `plan`, read it, and apply it with `apply-plan`. */
  | 'PLAN_REQUIRED'
  /** Another worker is at the plan. Normal after a message came twice. Nothing is lost. */
  | 'PLAN_TAKEN'
  /** These fields, or the record, were changed again by something that is not taken back. They stay as they are. */
  | 'UNDO_EDITED_SINCE'
  /** Nobody knows what these fields had before: the mapping keeps digests, a value was too large to keep, or the lines have ended. They stay as they are. Set `history.keep` to `values` for what is to come. */
  | 'UNDO_VALUES_NOT_KEPT'
  /** The sides met with this change and had never agreed on these fields, so that there is no value that both had before. They stay as they are. */
  | 'UNDO_FIRST_MEETING'
  /** The fields, or the mapping, go one way only, or the fields are sent only once or computed by Salesforce, and an undo writes both sides. They stay as they are. Put them right on the side that they come from. */
  | 'UNDO_ONE_WAY'
  /** The attributes belonged to another Salesforce field or type then, or to none of this mapping's now. They stay as they are. */
  | 'UNDO_FIELD_CHANGED'
  /** Somebody deleted both sides, or one was deleted and the other marked or left alone. It stays so. Make again what was deleted. */
  | 'UNDO_DELETION_STAYS'
  /** The two sides are not in step, so that nothing of the record is taken back now. Normal while an edit is on its way. Look at `why`, and make the plan again. */
  | 'UNDO_OUT_OF_STEP'
  /** The mapping's first pass waits until the mappings that it refers to have had theirs. Normal while they load. It begins when they are done, and is tried each minute. */
  | 'MASTERS_FIRST'
  /** Salesforce gave the same page of a query again. Never normal. The pass is tried again later. */
  | 'PAGE_REPEATED'
  /** This key has waited for more than a day. See its reason with `waiting`, and what keeps it with the other lists. */
  | 'STILL_WAITING'
  /** As many workers call this connection's org as may at once. Normal while it has much to do, or answers slowly. Its messages come back, and then its keys wait. */
  | 'SLOTS_TAKEN'
  /** The org left a call unanswered for five seconds, so it is left alone for a while, and tried again by one worker. Its keys wait. If it lasts, look at Salesforce's status for the org. */
  | 'ORG_SILENT'
  /** What this connection may use of its org's allowance is used up for work of this class. Normal near the end of a budget: loads and full sweeps stop first, then sweeps, then hints. The work comes back by itself as calls of yesterday count no more; edits that come alone, which are gathered where sweeps have stopped, after five minutes. See `allowance`. */
  | 'BUDGET_SPENT'
  /** A user has approved the app for a connection five times. Salesforce keeps five approvals of a user, so the next one ends the oldest, be it of another connection. Revoke old ones in Setup under Connected Apps OAuth Usage. */
  | 'FIFTH_APPROVAL'
  /** The org's own allowance is nearly used up, mostly by others, or it has refused a call for that, so that nothing calls it. The work comes back by itself. Find out with `allowance` how much others use, and who they are in the org. */
  | 'ORG_ALLOWANCE_LOW'

  /** A person decided a conflict that was held, and the record is looked at to carry that out. Normal for a minute. The key comes back by itself. */
  | 'CONFLICT_RESOLVED'

  // ## A record that is rejected
  /** The record, or the item that it would be paired with, is linked elsewhere; or the item holds the Salesforce id of another item's record. Correct the external id of the record, and check that the field is case sensitive; where the other item was deleted, release its tombstone. Looked at again, up to each hour. */
  | 'ALREADY_LINKED'
  /** A mapped attribute of the item has a type that its Salesforce field does not hold, or a lookup to several mappings does not say of which its key is. Write the type that the field has, and the mapping's name before the key (`account:one`). */
  | 'INVALID_ATTRIBUTE'
  /** Several Salesforce records could be this item's, by the values that the mapping's `match` names. None is taken, and none is made. Merge them, or write the item's key into the external id of the right one. */
  | 'SEVERAL_MATCHES'
  /** The item is matched by a text of more than 255 characters, or a number of more than 15 digits, which no query takes; nothing else finds its record, and none is made. Write the item's key into the external id of its record, or of one that you make for it. */
  | 'MATCH_NOT_ASKED'
  /** A lookup names a parent that is not linked: its item or its record does not exist, waits itself, or is not taken in by its mapping. Normal for seconds; listed after ten minutes. Create the parent, or correct the lookup. It is carried over by itself as soon as the parent is linked. */
  | 'PARENT_MISSING'
  /** A mapped attribute gives a label or a record type that its Salesforce field does not have. That field is not sent, nor is a new record that needs it. Write one of those that the rejection lists. */
  | 'UNKNOWN_NAME'
  /** A text of the item is longer than its Salesforce field, so the record is not sent. Shorten it, or lengthen the field. It is looked at again each hour. */
  | 'TEXT_TOO_LONG'
  /** The item names no tenant, so no connection can be chosen for it. Write the tenant into the table's tenant field. */
  | 'NO_TENANT'
  /** The record's external id is the key of an item of another tenant. Give the record another external id. */
  | 'KEY_OF_ANOTHER_TENANT'
  /** The record's external id has the form of keys that the sync makes itself. Clear it, or give the record another. */
  | 'KEY_RESERVED'
  /** The record's external id is the key of an item that is linked to another record. Give the record another external id. */
  | 'KEY_TAKEN'
  /** The item's key has more characters than an external id holds (255). Give the item a shorter key. */
  | 'KEY_TOO_LONG'
  /** Salesforce would not keep the item's key as it is. Give the item a key without white space at its ends and without control characters. */
  | 'KEY_NOT_STORABLE'
  /** The item, or its link, would exceed DynamoDB's 400 KB. Shorten a value, map fewer long fields, or move large attributes out of the item. */
  | 'ITEM_TOO_LARGE'
  /** DynamoDB refuses the item for good, mostly because a mapped attribute is the key of an index. Change the item, the record or the mapping. */
  | 'REFUSED_BY_STORE'
  /** Salesforce refused a record without a code. The text of the rejection says why. */
  | 'UNNAMED_REFUSAL'
  /** A value of the record does not have the type that its field had when the mapping was checked. The record waits and the mapping is checked again; if it lasts, read the mapping's problems. */
  | 'UNREADABLE_VALUE'
  /** The record changed in Salesforce, and its item is not in the table although nobody is known to have deleted it, such as after its time to live. Put the item back, or leave it. */
  | 'ITEM_VANISHED'
  /** The item changed, and its record was deleted in Salesforce or merged into another one. The item's changes go nowhere. Undelete the record, or delete the item. */
  | 'RECORD_DELETED'
  /** So much was deleted within a day that no more deletions of the mapping are carried over until a person decides. Look at `held-deletions`, then `release-deletions` or `refuse-deletions`. */
  | 'DELETION_HELD'
  /** So many records lost the value of one field within a day that no more are cleared on the other side until a person decides; their other fields go on. A field that was deleted and made again in the org comes back empty everywhere. Look at `held-clears`, then `release-clears` or `refuse-clears`. */
  | 'MANY_FIELDS_CLEARED'
  /** One side was deleted and the other edited, and the policy of an edited field is `manual`. Neither side is touched. Delete the other side too, or bring the deleted one back. */
  | 'DELETION_DISPUTED'
  /** The item changed or was deleted, and Salesforce does not give its record: it is hidden from the connected user, or purged. Grant the user access. It is looked for again each hour. */
  | 'RECORD_NOT_VISIBLE'
  /** Two orgs, or an org and a program of yours, each make something else of these fields, again and again. The item is left as it is. Let one of them give way, then change the item or the record. */
  | 'CONTESTED'

  // ## A bulk job
  /** Salesforce gave up a whole bulk job. The rejection holds its reason. A load is tried again after half an hour; correct what the reason names. */
  | 'BULK_JOB_FAILED'
  /** Salesforce takes no bulk job for the mapping's records, or they are more than ten million, so its first load reads them row by row, which costs a call for each 2,000 records. Normal for objects that Bulk API does not support. If it lasts, look at the user's permissions for Bulk API. */
  | 'BULK_REFUSED'
  /** A page of results has fewer or more rows than Salesforce announced. Normal when a connection breaks. The page is fetched again. */
  | 'BULK_PAGE_TRUNCATED'
  /** The results of a bulk job lead back to the page that was just read. Never normal. The job is abandoned, and the load begins again after half an hour. */
  | 'BULK_PAGE_REPEATED'
  /** A result of a bulk job lacks a column that every result has. Never normal. The job is abandoned; look for a change of the Bulk API. */
  | 'BULK_RESULT_UNREADABLE'
  /** A step has more to do than one invocation has time for. Normal for large jobs; the repeated step goes on. */
  | 'BULK_STEP_OUT_OF_TIME'

  // ## A request of an operator, or of a browser
  /** The operation's input is not as documented. The message names what is wrong. */
  | 'INVALID_INPUT'
  /** The conflict is not open any more: it was decided, the sides came to agree, or the pair ended. Normal when two people act at once. List the open conflicts again. */
  | 'CONFLICT_CLOSED'
  /** The values of the conflict have changed since the version that was named. Normal while either side is edited. List it again and decide about what it says now. */
  | 'CONFLICT_CHANGED'
  /** Conflicts over the field are not left to a person: its policy is not `manual`, or it goes one way only. What is still listed is decided by the mapping when the record is next looked at. */
  | 'NOT_LEFT_TO_PERSON'
  /** There is no tombstone of that key. Look at `tombstones`. */
  | 'NO_TOMBSTONE'
  /** Nothing of the kind waits for a decision in that mapping: no deletions, or no clearing of that field on that side. */
  | 'NOTHING_HELD'
  /** More is held by now than was on the list. Look at `held-deletions`, or `held-clears`, again, and decide by its `version`. */
  | 'HELD_CHANGED'
  /** The mapping has no such plan: it never had it, or another one took its place. Look at it with `plan-status`. */
  | 'UNKNOWN_PLAN'
  /** A plan of the mapping is being made or applied, and another one cannot begin. Normal for minutes. Follow it with `plan-status`. */
  | 'PLAN_UNDER_WAY'
  /** The plan is not whole yet, or ended without one, so that it cannot be applied. Follow it with `plan-status`. */
  | 'PLAN_NOT_READY'
  /** The hash is not that of the plan. Never normal: what was read is not what would be done. Read the plan again with `plan-status`. */
  | 'PLAN_HASH_WRONG'
  /** The mapping is not what it was when the plan was made: its template, its policies or the org's fields have changed. Nothing is done any more. Make a new plan. */
  | 'PLAN_STALE'
  /** The plan's pages are kept for seven days, and are gone. Make a new plan. */
  | 'PLAN_EXPIRED'
  /** The undo would delete, or empty one attribute of, more records than a mapping may lose in a day without asking. Look at its plan, and apply it with `allowMass` if that is meant. */
  | 'UNDO_MASS'
  /** The run is a bulk job, which keeps nothing of what its records had before. It cannot be taken back. What was changed after it can. */
  | 'UNDO_BULK_JOB'
  /** The mapping does not keep its history for so long. Name a later time with `from`. */
  | 'UNDO_TOO_OLD'
  /** Nobody knows any more when that run began, or there never was one. Look at `runs`, or name a time with `from`. */
  | 'UNKNOWN_RUN'
  /** The name of the tenant holds a character that it may not. Use letters, digits and `_ . @ : | -`, at most 128. */
  | 'INVALID_TENANT'
  /** The login host is not one of Salesforce's. Use `production`, `sandbox` or the org's My Domain host. */
  | 'INVALID_LOGIN_HOST'
  /** An unexpected error. Never normal. Read the log of the function. */
  | 'INTERNAL'

  // ## The deployment
  /** Environment variables of a function are missing or malformed. The message names all of them. The stack sets them: deploy it again. */
  | 'ENVIRONMENT_INCOMPLETE'
  /** The function's bundle holds no sync config. Deploy the stack again. */
  | 'SYNC_CONFIG_MISSING'
  /** A change arrived from the stream of a table that the function does not know. Normal for moments during a deployment. Otherwise deploy the stack again. */
  | 'UNKNOWN_TABLE'
  /** The stream of an existing table holds no old or no new images, so nothing can be told from it. Never normal. Give the table a stream with the view NEW_AND_OLD_IMAGES, write its ARN into the sync config, and deploy. */
  | 'STREAM_WITHOUT_IMAGES'
  /** An existing table has another key than `keyField` says, a key that is no string, or a sort key, so its changes cannot be read. Never normal. Name the table's key, or another table. */
  | 'TABLE_KEY_UNUSABLE'
  /** Nobody has filled the secret with the app's credentials yet. Normal before the first `npm run configure`. Run it. */
  | 'APP_SECRET_UNFILLED'
  /** The secret that signs tickets is empty. Deploy the stack again. */
  | 'SIGNING_SECRET_EMPTY'
  /** A condition that must always hold was false: a bug of the product. The function fails and an alarm is raised. Report it with the log line. */
  | 'INVARIANT'
  /** Other processes changed an item first, more often than the write is repeated. Normal under contention. The item is read and decided again. */
  | 'LOST_RACE'
  /** An AWS service asked to slow down. Normal under a sudden load; it is tried again. If it lasts, look at the table's throttles. */
  | 'THROTTLED'
  /** An AWS service did not answer, or failed. It is tried again. If it lasts, look at the service's health. */
  | 'STORE_UNAVAILABLE'
  /** An item that should be changed does not exist. Never normal. The message names it. */
  | 'STORE_NOT_FOUND'
  /** An AWS service refused a request, and repeating it would not help: a grant is missing, or the request is invalid. The reason names the action. */
  | 'STORE_REFUSED'
  /** An item was written by a later version of the product than the one that reads it. Normal for moments during a deployment, and after a rollback. Deploy the later version again. */
  | 'STORED_BY_LATER_VERSION'
  /** An item was written by an earlier release in a layout that this one does not read. Normal after a table of such a release was kept. Deploy that release again, or begin with a new sync-state table. */
  | 'STORED_BY_EARLIER_VERSION'
  /** A stored item does not have the shape that its store writes. Never normal. The message names store and attribute. */
  | 'STORED_ITEM_UNREADABLE'

  // ## An outbound message
  /** The message is larger than 1 MB, which messages of Salesforce never are. Somebody else may know the address. */
  | 'MESSAGE_TOO_LARGE'
  /** The message is not UTF-8, by its bytes or by its own declaration. */
  | 'MESSAGE_NOT_UTF8'
  /** The message is not well-formed XML, or was cut off. Salesforce sends it again. */
  | 'MESSAGE_NOT_XML'
  /** The message has a document type, an entity or a processing instruction, which no outbound message has. Somebody else may know the address. */
  | 'MESSAGE_FORBIDDEN_XML'
  /** The message nests deeper than any outbound message does. */
  | 'MESSAGE_TOO_DEEP'
  /** The message has more than the 100 notifications that Salesforce puts into one. */
  | 'MESSAGE_TOO_MANY_NOTIFICATIONS'
  /** The message is XML, but not the envelope that Salesforce sends. Check the address in the org's outbound message. */
  | 'NOT_AN_OUTBOUND_MESSAGE'

  // ## The Salesforce client: an answer
  /** Salesforce did not answer: an outage, maintenance, or a proxy's error page. It is tried again. */
  | 'UNAVAILABLE'
  /** The connection could not be made, or broke before the answer was complete. A read is tried again; after a write the record is read first. */
  | 'CONNECTION_FAILED'
  /** No complete answer came in time. A read is tried again; after a write the record is read first. */
  | 'TIMEOUT'
  /** The answer is larger than the 32 MB that are read at once. Ask for less. */
  | 'RESPONSE_TOO_LARGE'
  /** An answer with a good status is not as documented. Mostly it is a proxy's page, so look for a proxy. */
  | 'UNEXPECTED_RESPONSE'
  /** The answer to a query has not the rows that it says, or its pages lead nowhere; over many pages also because records were deleted meanwhile. Nothing of it counts, and the query is run again. If it lasts, look for a proxy, then ask Salesforce with the request id. */
  | 'QUERY_INCOMPLETE'
  /** An address led away from the connected org, and nothing was sent. Never normal. Check the connection's instance URL. */
  | 'FOREIGN_ORIGIN'
  /** Several records have the external id that one was addressed by. Make the field unique, or merge them. */
  | 'MULTIPLE_CHOICES'
  /** A query has more records than the caller allowed at once. Read it page by page. */
  | 'TOO_MANY_RECORDS'
  /** The sObject has no record type of that developer name, or hides it from the user. The message lists those that it has. */
  | 'UNKNOWN_RECORD_TYPE'

  // ## The Salesforce client: a request that was not sent
  /** The address of the org is not a URL such as https://acme.my.salesforce.com. */
  | 'INVALID_INSTANCE_URL'
  /** The API version of the connection must look like v59.0. */
  | 'INVALID_API_VERSION'
  /** The function that gives the access token failed, or gave something that is not a token. */
  | 'NO_ACCESS_TOKEN'
  /** A composite call would be refused as a whole. The message names all that is wrong. */
  | 'INVALID_COMPOSITE'
  /** A batch would be refused as a whole. The message names all that is wrong. */
  | 'INVALID_BATCH'
  /** A graph would be refused as a whole. The message names all that is wrong. */
  | 'INVALID_GRAPH'
  /** The name of an sObject or a field is not an API name. */
  | 'INVALID_NAME'
  /** What should be an id is not a Salesforce id. */
  | 'MALFORMED_ID'
  /** JSON cannot carry the value, or the field cannot be written. */
  | 'UNWRITABLE_VALUE'
  /** A record to upsert has no external id. */
  | 'EMPTY_KEY'
  /** The values of a record to upsert contain its external id field, which the key sets already. */
  | 'KEY_IN_VALUES'
  /** An address cannot contain this external id. Write the record with `upsertRecords`, which sends it in the body. */
  | 'UNADDRESSABLE_KEY'
  /** A list names one record more than ten times, which must be a mistake. Write each record once, with its last values. */
  | 'TOO_MANY_REPEATS'
  /** The list has more names than fit into one address. Ask for fewer at once. */
  | 'TOO_MANY_NAMES'
  /** A time is not in ISO 8601 with a zone, or does not exist, such as 30 February. */
  | 'INVALID_TIME'
  /** A window of changes begins less than a whole minute before its end. */
  | 'INVALID_REPLICATION_DATE'

  // ## The Salesforce client: logging in
  /** Another request with the same refresh token is still under way. Normal for seconds; its outcome is waited for. */
  | 'REFRESH_IN_PROGRESS'
  /** The authorisation server refused without a valid code. Its text says why. */
  | 'UNEXPECTED_LOGIN_ERROR'
  /** The login address is neither Salesforce's nor a trusted origin, and nothing was sent. Use `login.salesforce.com`, `test.salesforce.com` or a My Domain. */
  | 'UNTRUSTED_LOGIN_URL'
  /** The identity that came with a token does not name an org and a user. */
  | 'INVALID_IDENTITY'
  /** The flow is not supported: new orgs do not accept user name and password, and they bypass multi-factor login. */
  | 'UNSUPPORTED_FLOW'
  /** The private key for a JWT cannot be used. It must be an RSA key in PEM form. */
  | 'INVALID_PRIVATE_KEY'
  /** The client credentials flow works only at the org's My Domain. Use that as the login address. */
  | 'MY_DOMAIN_REQUIRED'

  // ## CSV
  /** A row has another number of fields than the header. */
  | 'CSV_RAGGED'
  /** The header has no columns, a column that is not an API name, or a column that comes twice. */
  | 'CSV_BAD_HEADER'
  /** Text follows a closing quote, a quote stands inside unquoted text, or a line ends in CR alone. */
  | 'CSV_MALFORMED'
  /** The bytes are not UTF-8. */
  | 'CSV_NOT_UTF8'
  /** A row is longer than any row of the Bulk API. */
  | 'CSV_ROW_TOO_LONG'
  /** The text ends inside quotes: it was cut off. */
  | 'CSV_UNCLOSED_QUOTE'
  /** A value cannot be written as a cell. */
  | 'CSV_UNWRITABLE';

/** What a check may find. */
export type FindingCode =
  // ## A finding of a check
  /** The org describes no object of this name to the connected user. The mapping stops. Put the object back, let the user read it, or change the mapping. */
  | 'OBJECT_NOT_SEEN'
  /** The connected user may not read, create or edit records of the object, though the mapping does. The mapping stops. Grant the right, or narrow the mapping's direction. */
  | 'OBJECT_NOT_USABLE'
  /** The object has no field that tells when a record changed. The mapping stops. Choose another object. */
  | 'OBJECT_NOT_FOLLOWED'
  /** The object lacks one of `SystemModstamp`, `LastModifiedDate` and `IsDeleted`, so it can only be read. The mapping stops. Give it the direction `from-salesforce`. */
  | 'OBJECT_ONLY_READ'
  /** The object has no `IsDeleted`, so deletions in it are not seen. Normal for `User`. Nothing stops. */
  | 'DELETIONS_NOT_SEEN'
  /** The object has no `SystemModstamp`, so its changes are found by another date, which misses some. Normal for objects of sharing and of field history. Nothing stops. */
  | 'STAMP_MISSES_CHANGES'
  /** A conflict may be left to a person, and the object has no `LastModifiedById` that says who changed a record. The mapping stops. Choose another policy, or an object that has it. */
  | 'CHANGED_BY_NOT_SEEN'
  /** The external id field is not there, or is not what the sync needs. The mapping stops. The finding names what is missing. */
  | 'KEY_FIELD_UNUSABLE'
  /** The field by which the delete policy marks a record is not there, is no checkbox, or may not be edited. The mapping stops. Make it a checkbox that the connected user may edit, or name another. */
  | 'MARK_UNUSABLE'
  /** The org does not have a mapped field, or hides it from the connected user. Put it back, let the user read it, or change the mapping. `onDrift` says whether the others go on. */
  | 'FIELD_NOT_SEEN'
  /** A mapped field is of a type that cannot be synced. Map its parts, or another field. `onDrift` says whether the others go on. */
  | 'FIELD_TYPE_UNSUPPORTED'
  /** The connected user may not write a field that the mapping writes. Grant the right, or give the field the direction `from-salesforce`. `onDrift` says whether the others go on. */
  | 'FIELD_NOT_WRITABLE'
  /** A mapped field is encrypted, so that the user may read a mask in its place. Give it the direction `to-salesforce`, or map another. `onDrift` says whether the others go on. */
  | 'FIELD_MASKED'
  /** The field map has a field that the sync itself fills. The mapping stops. Leave it out. */
  | 'FIELD_RESERVED'
  /** A field that every new record needs is filled by no attribute and no constant. Nothing stops, but records that the sync makes may be refused. Map it, or give it a value in `onCreate`. */
  | 'FIELD_REQUIRED'
  /** A mapped picklist takes the values of its list alone. Nothing stops, and a record with another value is refused. */
  | 'FIELD_RESTRICTED'
  /** A mapped field is not what the attribute's `as` is for: a picklist, or the record type. Leave `as` out, or map another field. `onDrift` says whether the others go on. */
  | 'FIELD_OPTION_UNUSABLE'
  /** A mapped field is no lookup, or does not lead to the object of the mapping that `reference` names. Name a mapping of an object that it leads to. `onDrift` says whether the others go on. */
  | 'REFERENCE_UNUSABLE'
  /** The mapping has a schedule for refreshing formulas, and maps no field that Salesforce computes. Nothing stops. Map one, or leave `formulas` out. */
  | 'FORMULAS_NOT_MAPPED'
  /** All fields of a mapping with `onDrift: 'leave-out'` would be left out. The mapping stops. Look at the finding of each. */
  | 'NO_FIELD_LEFT'
  /** `match` names an attribute that records cannot be looked for by, or whose field does not fit the org. The mapping stops. Match by another one. */
  | 'MATCH_UNUSABLE'
  /** The org has no record type of the name in `recordType` that the connected user may choose. The mapping stops. Make it available, or name one of those that the finding lists. */
  | 'RECORD_TYPE_UNUSABLE'
  /** `onCreate` names a field that the connected user may not set with a new record, or gives it a value that it does not take. The mapping stops. Change the constant. */
  | 'CONSTANT_UNUSABLE'
  /** The filter names a field or a relationship that the org does not have, or hides. The mapping stops. Put it back, let the user read it, or change the filter. */
  | 'FILTER_FIELD_NOT_SEEN'
  /** The filter names a field that no condition may name. The mapping stops. Compare another field. */
  | 'FILTER_FIELD_UNUSABLE'
  /** The filter names a field of a parent record, which the check does not look at. Nothing stops; if Salesforce refuses it, the mapping's `trouble` says so. */
  | 'FILTER_PATH_UNCHECKED'
  /** The object has several record types, and new records get the connected user's default. Nothing stops. */
  | 'RECORD_TYPE_BY_DEFAULT'
  /** The org has person accounts, and the mapping makes no difference between them and business accounts. Nothing stops; make a mapping of each kind. */
  | 'PERSON_ACCOUNTS';
