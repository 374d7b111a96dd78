/**
 * The heartbeat. Two fixed texts, not built from objects: the platform answers the one with the
 * other for a sleeping Durable Object, and compares bytes.
 */
export const HEARTBEAT_REQUEST = '{"t":"ping"}';
export const HEARTBEAT_RESPONSE = '{"t":"pong"}';
