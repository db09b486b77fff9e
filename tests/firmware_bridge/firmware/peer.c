/* The other side of the round trips: reads one job from stdin, answers on stdout.
 *
 * pack    frames as `u8 serial, u8 type, stream, flags, u32 seq, u64 t_us, u16 n, payload`
 *         in; the packed (and stuffed) bytes out, each behind its size in two bytes
 * unpack  serial bytes in; the frames in the layout above out
 * ring    `u32 room`, then frames of `u16 size, bytes` in; what the ring holds out
 * info    nothing in; an INFO payload of two streams, STATUS, TIME and EVENT out
 */
#include <stdio.h>
#include <stdlib.h>

#include "crampwatch_protocol.h"

static uint8_t *input;
static size_t used, at;

static uint64_t take(unsigned bytes)
{
    uint64_t value = cw_get(input + at, bytes);
    at += bytes;
    return value;
}

static void give(const uint8_t *data, size_t size)
{
    uint8_t head[2];
    cw_put(head, size, 2);
    fwrite(head, 1, 2, stdout);
    fwrite(data, 1, size, stdout);
}

static void give_frame(const cw_frame *frame)
{
    uint8_t head[18];
    head[0] = frame->type;
    head[1] = frame->stream;
    head[2] = frame->flags;
    cw_put(head + 3, frame->seq, 4);
    cw_put(head + 7, frame->t_us, 8);
    cw_put(head + 15, frame->count, 2);
    fwrite(head, 1, 17, stdout);
    fwrite(frame->payload, 1, frame->count, stdout);
}

static void pack_all(void)
{
    while (at < used) {
        uint8_t *plain = malloc(CW_LONGEST_FRAME), *stuffed = malloc(CW_LONGEST_STUFFED);
        cw_frame frame;
        int serial = (int)take(1);
        frame.type = (uint8_t)take(1);
        frame.stream = (uint8_t)take(1);
        frame.flags = (uint8_t)take(1);
        frame.seq = (uint32_t)take(4);
        frame.t_us = take(8);
        frame.count = (uint16_t)take(2);
        frame.payload = input + at;
        at += frame.count;
        size_t size = cw_pack(plain, CW_LONGEST_FRAME, &frame);
        if (serial) give(stuffed, cw_stuff(plain, size, stuffed, CW_LONGEST_STUFFED));
        else give(plain, size);
        free(plain);
        free(stuffed);
    }
}

static void unpack_all(void)
{
    cw_serial *serial = calloc(1, sizeof *serial);
    cw_frame frame;
    while (at < used)
        if (cw_serial_take(serial, (uint8_t)take(1), &frame)) give_frame(&frame);
    free(serial);
}

static void keep_all(void)
{
    size_t size, room = (size_t)take(4);
    uint8_t *memory = malloc(room ? room : 1);
    cw_ring ring;
    cw_ring_begin(&ring, memory, room);
    while (at < used) {
        size = (size_t)take(2);
        cw_ring_keep(&ring, input + at, size);
        at += size;
    }
    cw_walk walk = cw_ring_walk(&ring);
    const uint8_t *frame;
    while ((frame = cw_ring_next(&ring, &walk, &size))) give(frame, size);
    free(memory);
}

static void say_all(void)
{
    static const cw_stream streams[2] = {
        {0, CW_KIND_EMG, 3, 2, 500000, 0.048f, 24, 1, {'u', 'V'}, {'e', 'x', 'g'}},
        {1, CW_KIND_ACC, 2, 3, 50000, 0.000125f, 16, 0, {'g'}, {'a', 'c', 'c', 'e', 'l'}},
    };
    cw_info info = {0xDEADBEEFu, 0x0123456789ABCDEFu, 900, 7, "Band on the calf", 2, streams};
    uint8_t out[33 + 64];
    give(out, cw_put_info(out, sizeof out, &info));
    give(out, cw_put_status(out, 0xDEADBEEFu, 3912, 77, 5, 600, 12));
    give(out, cw_put_time(out, 1ull << 50, 123456789));
    give(out, cw_put_event(out, CW_BUTTON_DOWN, -5));
}

int main(int count, char **words)
{
    size_t room = 1 << 16;
    input = malloc(room);
    for (size_t got; (got = fread(input + used, 1, room - used, stdin)); used += got)
        if (used + got == room) input = realloc(input, room *= 2);
    if (count != 2) return 2;
    if (!strcmp(words[1], "pack")) pack_all();
    else if (!strcmp(words[1], "unpack")) unpack_all();
    else if (!strcmp(words[1], "ring")) keep_all();
    else say_all();
    free(input);
    return 0;
}
