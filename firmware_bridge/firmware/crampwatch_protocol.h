/* The open sensor protocol of docs/protocol.md: C99, header only, no allocation.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A device packs frames with cw_pack and hands them to BLE as they are, one a notification,
 * or stuffs them with cw_stuff for a serial line. cw_ring keeps the newest frames in memory
 * that the caller gives, so that lost samples can be sent again. cw_serial takes bytes from a
 * serial line one by one and gives whole frames.
 */
#ifndef CRAMPWATCH_PROTOCOL_H
#define CRAMPWATCH_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CW_VERSION 1u
#define CW_HEAD 18u
#define CW_OVERHEAD 20u
#define CW_MOST_PAYLOAD 1024u
#define CW_LONGEST_FRAME (CW_OVERHEAD + CW_MOST_PAYLOAD)
#define CW_LONGEST_STUFFED (CW_LONGEST_FRAME + CW_LONGEST_FRAME / 254u + 2u)

enum {
    CW_INFO = 1,
    CW_DATA = 2,
    CW_STATUS = 3,
    CW_TIME = 4,
    CW_EVENT = 5,
    CW_COMMAND = 0x81
};

enum { CW_FLAG_BOOT = 0x0F, CW_FLAG_RESENT = 0x10, CW_FLAG_LEADS_OFF = 0x20 };

enum {
    CW_BUTTON_DOWN = 1,
    CW_BUTTON_UP = 2,
    CW_LEADS_OFF = 3,
    CW_LEADS_ON = 4,
    CW_CHARGING = 5,
    CW_BATTERY_LOW = 6,
    CW_HAPTIC_DONE = 7
};

enum {
    CW_ASK_INFO = 1,
    CW_ASK_START = 2,
    CW_ASK_STOP = 3,
    CW_ASK_TIME = 4,
    CW_ASK_RESEND = 5,
    CW_ASK_HAPTIC = 6
};

enum { CW_KIND_OTHER = 0, CW_KIND_EMG = 1, CW_KIND_ACC = 2, CW_KIND_GYRO = 3, CW_KIND_ECG = 4 };
enum { CW_HAS_HAPTIC = 1, CW_HAS_BUTTON = 2, CW_HAS_LEADS_OFF = 4, CW_IS_WIRED = 8 };

typedef struct {
    uint8_t type, stream, flags;
    uint32_t seq;
    uint64_t t_us;
    uint16_t count; /* bytes of payload */
    const uint8_t *payload;
} cw_frame;

typedef struct {
    uint8_t stream, kind, width, channels;
    uint32_t rate_mhz;
    float gain;
    uint8_t bits, calibrated;
    char unit[8], name[8];
} cw_stream;

typedef struct {
    uint32_t boot;
    uint64_t device;
    uint16_t ring_s, features;
    char name[16];
    uint8_t n_streams;
    const cw_stream *streams;
} cw_info;

/* ---- little-endian numbers ---- */

static inline void cw_put(uint8_t *out, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8u * i));
}

static inline uint64_t cw_get(const uint8_t *in, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)in[i] << (8u * i);
    return value;
}

/* A sample of `width` bytes, 2 to 4; returns where the next one goes. */
static inline uint8_t *cw_put_sample(uint8_t *out, int32_t value, unsigned width)
{
    cw_put(out, (uint32_t)value, width);
    return out + width;
}

/* CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected. */
static inline uint16_t cw_crc16(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint32_t)data[i] << 8;
        for (int bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc & 0x8000u ? 0x1021u : 0u);
        crc &= 0xFFFFu;
    }
    return (uint16_t)crc;
}

/* ---- frames ---- */

/* Packs a frame; returns its size, or 0 if it does not fit. The payload may already lie in
 * place, at out + CW_HEAD. */
static inline size_t cw_pack(uint8_t *out, size_t room, const cw_frame *frame)
{
    size_t size = (size_t)CW_OVERHEAD + frame->count;
    if (frame->count > CW_MOST_PAYLOAD || size > room) return 0;
    if (frame->count) memmove(out + CW_HEAD, frame->payload, frame->count);
    out[0] = CW_VERSION;
    out[1] = frame->type;
    out[2] = frame->stream;
    out[3] = frame->flags;
    cw_put(out + 4, frame->seq, 4);
    cw_put(out + 8, frame->t_us, 8);
    cw_put(out + 16, frame->count, 2);
    cw_put(out + CW_HEAD + frame->count, cw_crc16(out, CW_HEAD + frame->count), 2);
    return size;
}

/* Reads a frame; its payload points into `in`. Returns 1, or 0 if it is none. */
static inline int cw_unpack(const uint8_t *in, size_t size, cw_frame *frame)
{
    if (size < CW_OVERHEAD || size > CW_LONGEST_FRAME || in[0] != CW_VERSION) return 0;
    frame->count = (uint16_t)cw_get(in + 16, 2);
    if (size != (size_t)CW_OVERHEAD + frame->count) return 0;
    if (cw_get(in + size - 2, 2) != cw_crc16(in, size - 2)) return 0;
    frame->type = in[1];
    frame->stream = in[2];
    frame->flags = in[3];
    frame->seq = (uint32_t)cw_get(in + 4, 4);
    frame->t_us = cw_get(in + 8, 8);
    frame->payload = in + CW_HEAD;
    return 1;
}

/* ---- payloads ---- */

static inline size_t cw_put_info(uint8_t *out, size_t room, const cw_info *info)
{
    size_t size = 33u + 32u * (size_t)info->n_streams;
    if (info->n_streams > 8 || size > room) return 0;
    cw_put(out, info->boot, 4);
    cw_put(out + 4, info->device, 8);
    cw_put(out + 12, info->ring_s, 2);
    cw_put(out + 14, info->features, 2);
    memcpy(out + 16, info->name, 16);
    out[32] = info->n_streams;
    uint8_t *at = out + 33;
    for (unsigned i = 0; i < info->n_streams; i++, at += 32) {
        const cw_stream *stream = &info->streams[i];
        uint32_t gain;
        memcpy(&gain, &stream->gain, 4);
        at[0] = stream->stream;
        at[1] = stream->kind;
        at[2] = stream->width;
        at[3] = stream->channels;
        cw_put(at + 4, stream->rate_mhz, 4);
        cw_put(at + 8, gain, 4);
        at[12] = stream->bits;
        at[13] = stream->calibrated ? 1 : 0;
        cw_put(at + 14, 0, 2);
        memcpy(at + 16, stream->unit, 8);
        memcpy(at + 24, stream->name, 8);
    }
    return size;
}

static inline size_t cw_put_status(uint8_t *out, uint32_t boot, uint16_t battery_mv,
                                   uint8_t battery_percent, uint8_t leads_off,
                                   uint16_t ring_used_s, uint32_t dropped)
{
    cw_put(out, boot, 4);
    cw_put(out + 4, battery_mv, 2);
    out[6] = battery_percent;
    out[7] = leads_off;
    cw_put(out + 8, ring_used_s, 2);
    cw_put(out + 10, dropped, 4);
    return 14;
}

static inline size_t cw_put_time(uint8_t *out, uint64_t host_us, uint64_t device_us)
{
    cw_put(out, host_us, 8);
    cw_put(out + 8, device_us, 8);
    return 16;
}

static inline size_t cw_put_event(uint8_t *out, uint8_t code, int32_t value)
{
    out[0] = code;
    cw_put(out + 1, (uint32_t)value, 4);
    return 5;
}

/* ---- byte stuffing ---- */

/* Stuffs a frame and ends it with a zero; returns the size, or 0 if it does not fit. */
static inline size_t cw_stuff(const uint8_t *in, size_t size, uint8_t *out, size_t room)
{
    size_t at = 1, code_at = 0;
    uint8_t code = 1;
    if (room < size + size / 254u + 2u) return 0;
    for (size_t i = 0; i < size; i++) {
        if (in[i]) {
            out[at++] = in[i];
            code++;
        }
        if (!in[i] || (code == 0xFF && i + 1 < size)) {
            out[code_at] = code;
            code_at = at++;
            code = 1;
        }
    }
    out[code_at] = code;
    out[at++] = 0;
    return at;
}

/* Takes stuffed bytes apart in place, their ending zero left out; returns the size, or 0. */
static inline size_t cw_unstuff(uint8_t *data, size_t size)
{
    size_t from = 0, to = 0;
    while (from < size) {
        uint8_t code = data[from];
        if (!code || from + code > size) return 0;
        memmove(data + to, data + from + 1, (size_t)code - 1u);
        to += (size_t)code - 1u;
        from += code;
        if (code < 0xFF && from < size) data[to++] = 0;
    }
    return to;
}

/* ---- frames from a serial line ---- */

typedef struct {
    size_t used;
    uint8_t too_long;
    uint8_t bytes[CW_LONGEST_STUFFED];
} cw_serial;

/* Takes one byte; returns 1 when it completes a frame, which stays valid until the next. */
static inline int cw_serial_take(cw_serial *serial, uint8_t byte, cw_frame *frame)
{
    if (byte) {
        if (serial->used < sizeof serial->bytes) serial->bytes[serial->used++] = byte;
        else serial->too_long = 1;
        return 0;
    }
    size_t size = serial->too_long ? 0 : cw_unstuff(serial->bytes, serial->used);
    serial->used = 0;
    serial->too_long = 0;
    return size ? cw_unpack(serial->bytes, size, frame) : 0;
}

/* ---- the newest frames, to be sent again ----
 *
 * Frames lie in one piece of memory as they were packed, one after the other, each behind its
 * size in two bytes; the oldest make room for the newest. */

typedef struct {
    uint8_t *memory;
    size_t room, head, tail; /* oldest, and where the next goes */
    size_t end;              /* where the frames before the wrap end; 0 where none wrapped */
    uint32_t frames;
} cw_ring;

static inline void cw_ring_begin(cw_ring *ring, uint8_t *memory, size_t room)
{
    memset(ring, 0, sizeof *ring);
    ring->memory = memory;
    ring->room = room;
}

static inline void cw_ring_forget(cw_ring *ring)
{
    ring->head += 2u + (size_t)cw_get(ring->memory + ring->head, 2);
    ring->frames--;
    if (ring->end && ring->head >= ring->end) ring->head = ring->end = 0;
    if (!ring->frames) ring->head = ring->tail = ring->end = 0;
}

/* Keeps a packed frame; returns 0 if it is larger than the whole memory. */
static inline int cw_ring_keep(cw_ring *ring, const uint8_t *frame, size_t size)
{
    size_t need = size + 2u;
    if (need > ring->room || size > 0xFFFFu) return 0;
    for (;;) {
        if (!ring->end && ring->room - ring->tail < need) { /* on to the beginning */
            ring->end = ring->tail;
            ring->tail = 0;
            if (!ring->frames) ring->head = ring->end = 0;
        }
        if (!ring->end || ring->head - ring->tail >= need) break;
        cw_ring_forget(ring);
    }
    cw_put(ring->memory + ring->tail, size, 2);
    memcpy(ring->memory + ring->tail + 2, frame, size);
    ring->tail += need;
    ring->frames++;
    return 1;
}

typedef struct {
    size_t at;
    uint32_t left;
} cw_walk;

static inline cw_walk cw_ring_walk(const cw_ring *ring)
{
    cw_walk walk = {ring->head, ring->frames};
    return walk;
}

/* Gives the next kept frame, oldest first; NULL at the end. Keep nothing while walking. */
static inline uint8_t *cw_ring_next(const cw_ring *ring, cw_walk *walk, size_t *size)
{
    if (!walk->left) return NULL;
    if (ring->end && walk->at >= ring->end) walk->at = 0;
    *size = (size_t)cw_get(ring->memory + walk->at, 2);
    uint8_t *frame = ring->memory + walk->at + 2;
    walk->at += 2u + *size;
    walk->left--;
    return frame;
}

/* Whether a kept frame lies in a range of missing samples of a stream. It must lie in it
 * whole: frames are sent again as they were. */
static inline int cw_is_wanted(const uint8_t *frame, uint8_t stream, uint32_t first,
                               uint32_t count, uint32_t samples)
{
    uint32_t from = (uint32_t)cw_get(frame + 4, 4) - first;
    return frame[1] == CW_DATA && frame[2] == stream && from < count && samples <= count - from;
}

/* Marks a packed frame as sent again, and mends its checksum. */
static inline void cw_mark_resent(uint8_t *frame, size_t size)
{
    frame[3] |= CW_FLAG_RESENT;
    cw_put(frame + size - 2, cw_crc16(frame, size - 2), 2);
}

#ifdef __cplusplus
}
#endif

#endif
