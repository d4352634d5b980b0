// The shapes that travel between the page and the server, and those that the rules hand to the page.
// Nothing here runs: other modules import the types only.

/**
 * @typedef {object} Person
 * @property {number} id
 * @property {string} username
 * @property {string} name What they are called; never blank.
 * @property {true} [ambiguous] It could be taken for another's: the username is shown beside it.
 */

/**
 * @typedef {object} Reaction
 * @property {string} emoji
 * @property {number} count
 * @property {number[]} users Ids of the first 100.
 * @property {boolean} [mine] Whether the reader is among those who are not named; told to them alone.
 */

/**
 * @typedef {object} Message
 * @property {number} id
 * @property {number} room
 * @property {number} seq The number of its post: its place in the room, for ever.
 * @property {number} changed_seq The number of its latest change.
 * @property {string} client_id
 * @property {string} kind Kinds other than "post" are hidden.
 * @property {number | null} thread
 * @property {Person} author
 * @property {string} body What the author typed.
 * @property {string} html The same, rendered and sanitised by the server.
 * @property {string} created_at RFC 3339, UTC.
 * @property {string | null} edited_at
 * @property {boolean} deleted
 * @property {{id: number, seq: number} | null} reply_to
 * @property {{users: number[], room: boolean}} mentions
 * @property {Reaction[]} reactions
 * @property {unknown[]} attachments
 */

/**
 * @typedef {object} RoomInfo
 * @property {number} id
 * @property {string} slug
 * @property {string} name
 * @property {string} kind
 * @property {number} last_seq
 * @property {number} read_seq
 * @property {number} unread Others' posts after `read_seq`; stops at 1000.
 * @property {number} mentions
 */

/** @typedef {string | number} Epoch Opaque: only ever compared. */

/**
 * A page of messages, one snapshot, from the REST interface or embedded in the HTML.
 * @typedef {object} Page
 * @property {Message[]} messages Oldest first.
 * @property {boolean} more_before
 * @property {boolean} more_after
 * @property {number} last_seq
 * @property {Epoch} epoch
 */

/**
 * @typedef {object} PageQuery At most one of the three numbers; none asks for the newest page.
 * @property {number} [before]
 * @property {number} [after]
 * @property {number} [around]
 * @property {number} [limit] At most 100.
 */

// What the server sends

/**
 * @typedef {object} Hello
 * @property {"hello"} type
 * @property {number} protocol
 * @property {string} build
 * @property {Epoch} epoch
 * @property {string} connection
 * @property {Person} user
 * @property {RoomInfo[]} rooms
 * @property {number} heartbeat Seconds between heartbeats.
 */

/** @typedef {{type: "message", room: number, seq: number, message: Message}} MessageEvent_ */
/** @typedef {{type: "posted", room: number, seq: number, client_id: string, message: Message, ref?: number}} Posted */
/** @typedef {{type: "changed", room: number, seq: number, message: Message, ref?: number}} Changed */
/** @typedef {{type: "skipped", room: number, seq: number}} Skipped */

/**
 * @typedef {object} Synced
 * @property {"synced"} type
 * @property {number} room
 * @property {Message[]} messages By rising `changed_seq`.
 * @property {number} last_seq
 * @property {boolean} more
 * @property {Epoch} epoch
 * @property {number} read_seq
 * @property {number} unread
 * @property {number} mentions
 * @property {number} [ref]
 */

/** @typedef {{type: "reset", room: number, last_seq: number, epoch: Epoch, ref?: number}} Reset */
/** @typedef {{type: "read", room: number, seq: number, unread: number, mentions: number, ref?: number}} Read */
/** @typedef {{type: "reacted", room: number, message: number, emoji: string, on: boolean}} Reacted To one's other tabs. */
/** @typedef {{type: "room", room: number, info: RoomInfo}} RoomChanged */
/** @typedef {{type: "left", room: number, reason: "left" | "removed" | "deleted" | "blocked"}} Left */
/** @typedef {{type: "presence", room: number, here?: number[], count?: number}} Presence `count` alone above 200. */
/** @typedef {{type: "typing", room: number, user: Person}} Typing */
/** @typedef {{type: "person", user: Person, version: number}} Renamed Called otherwise from now on. */
/** @typedef {{type: "heartbeat", heads: Record<string, number>, ref?: number}} Heartbeat */

/**
 * @typedef {object} Refusal An `error` event.
 * @property {"error"} type
 * @property {string} code
 * @property {string} detail Text for people.
 * @property {Record<string, string>} [errors] With `invalid`: what is wrong, field by field.
 * @property {number} [retry_after] With `rate_limited`: seconds.
 * @property {string} [client_id] With the error to a `post`.
 * @property {number} [ref]
 */

/** @typedef {MessageEvent_ | Posted | Changed | Skipped} Change An event that tells a numbered change. */
/** @typedef {Change | Hello | Synced | Reset | Read | Reacted | RoomChanged | Left | Presence | Typing | Renamed | Heartbeat | Refusal} ServerEvent */

// What the page sends

/** @typedef {{type: "post", room: number, as: number, client_id: string, body: string, reply_to?: number}} PostCommand `as`: whom it is meant from. */
/** @typedef {{type: "edit", room: number, message: number, body: string, was?: string}} EditCommand */
/** @typedef {{type: "delete", room: number, message: number}} DeleteCommand */
/** @typedef {{type: "react", room: number, message: number, emoji: string, on: boolean}} ReactCommand */
/** @typedef {{type: "sync", room: number, after: number, limit?: number, epoch?: Epoch}} SyncCommand */
/** @typedef {{type: "read", room: number, seq: number}} ReadCommand */
/** @typedef {{type: "watch", rooms: number[]}} WatchCommand */
/** @typedef {{type: "typing", room: number}} TypingCommand */
/** @typedef {{type: "heartbeat", received: number}} HeartbeatCommand */
/** @typedef {(PostCommand | EditCommand | DeleteCommand | ReactCommand | SyncCommand | ReadCommand | WatchCommand | TypingCommand | HeartbeatCommand) & {ref?: number}} Command */

// What the rules hand to the page

/**
 * A post of one's own that the server has not acknowledged.
 * @typedef {object} Pending
 * @property {string} client_id
 * @property {number} room
 * @property {string} body
 * @property {number | null} reply_to Id of the message answered.
 * @property {number} created_at Milliseconds since 1970.
 * @property {"sending" | "failed"} state
 * @property {{code: string, detail: string} | null} error Set once it has failed.
 * @property {number} [losses] How many connections were lost while it was on its way.
 */

/**
 * One step that brings a drawn list up to date. Apply them in their order. Messages stand by rising `seq`,
 * pending posts after all of them in the order of their making. `before` is the message that follows, null
 * at the end of the messages.
 *
 * - `reset`: draw everything anew (`timeline.messages`, `timeline.pending`); always alone in its batch.
 * - `insert`, `update`, `remove`: one message (`remove`: no longer held, not deleted; deletion is an `update`).
 * - `pend`, `pending`, `unpend`: a pending post came, changed its state, or was discarded or is stored out of view.
 * - `confirm`: the pending post is stored; its message takes its place before `before`.
 * @typedef {(
 *   {type: "reset"} |
 *   {type: "insert", message: Message, before: Message | null} |
 *   {type: "update", message: Message, was: Message} |
 *   {type: "remove", message: Message} |
 *   {type: "pend", pending: Pending} |
 *   {type: "pending", pending: Pending} |
 *   {type: "unpend", pending: Pending} |
 *   {type: "confirm", pending: Pending, message: Message, before: Message | null}
 * )} Patch
 */

/**
 * `waiting` carries when the next try is due, and whether the server said why it closed. After `signed-out`,
 * `blocked` and `other-person` no try follows, after `paused` (too many are open) one when the person is back at this
 * tab; `closed` is before `connect()` and after `close()`.
 * @typedef {(
 *   {name: "closed" | "connecting" | "online" | "signed-out" | "blocked" | "paused"} |
 *   {name: "waiting", retryAt: number, explained: boolean} |
 *   {name: "other-person", user: Person}
 * )} ConnectionState
 */

// What the rules need from the world; tests drive their own

/**
 * The part of WebSocket that is used.
 * @typedef {object} Socket
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {(text: string) => void} send
 * @property {(code?: number) => void} close
 */

/** @typedef {Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">} Store */

/**
 * @typedef {object} Surroundings
 * @property {(knownNames: number | null) => Socket} openSocket Tells up to which number names are known.
 * @property {() => boolean} isOffline Whether the browser knows that it has no network.
 * @property {(room: number, query: PageQuery) => Promise<Page>} fetchPage Rejects when there is none.
 * @property {() => number} now Milliseconds since 1970.
 * @property {(callback: () => void, milliseconds: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random From 0 up to 1.
 * @property {() => string} newId For a `client_id`.
 * @property {Store} storage
 * @property {(listener: () => void) => void} onWake Calls when the network or the person came back.
 * @property {(listener: () => void) => void} onReturn Calls when the person came back to this tab.
 * @property {(listener: (event: {key: string | null, newValue: string | null}) => void) => void} onStorage
 *   Calls when another tab changed the storage.
 */

export {};
