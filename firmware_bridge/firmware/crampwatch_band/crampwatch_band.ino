/* A calf band that speaks the open sensor protocol (docs/protocol.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * For ESP32 boards, with the Arduino core for ESP32. Copy crampwatch_protocol.h beside this
 * file. Written from data sheets; not yet run on hardware by its authors.
 *
 * Front end: ADS1292R over SPI (two channels, 24 bits, lead-off detection), or any analog
 * front end (BioAmp EXG Pill) on two ADC pins: set FRONT_END below.
 * Movement: MPU-6050 over I2C. Button and vibration motor are optional: set their pin to -1.
 *
 * Run it from a battery while electrodes are on skin. A USB cable to a mains-powered
 * computer joins the body to the mains.
 */
#include <Arduino.h>
#include <BLE2902.h>
#include <BLEDevice.h>
#include <SPI.h>
#include <Wire.h>

#include "crampwatch_protocol.h"

#define ADS1292R 1
#define ANALOG 2
#ifndef FRONT_END
#define FRONT_END ADS1292R
#endif

static const int PIN_CS = 5, PIN_DRDY = 4, PIN_START = 2, PIN_RESET = 15;
static const int PIN_ANALOG[2] = {34, 35};
static const int PIN_BUTTON = 0, PIN_HAPTIC = 13;
static const int PIN_BATTERY = 36;            /* behind a divider by two; -1 if there is none */
static const uint32_t EMG_HZ = 500, ACC_HZ = 50;
static const uint32_t INFO_MS = 10000, STATUS_MS = 5000;
static const size_t EMG_PER_FRAME = 25, ACC_PER_FRAME = 5;
static const uint32_t FRAMES_HZ = EMG_HZ / EMG_PER_FRAME + ACC_HZ / ACC_PER_FRAME;
static const uint16_t RING_S = 900;

static const char *SERVICE = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
static const char *TO_DEVICE = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
static const char *FROM_DEVICE = "6e400003-b5a3-f393-e0a9-e50e24dcca9e";

static const cw_stream STREAMS[2] = {
#if FRONT_END == ADS1292R
    {0, CW_KIND_EMG, 3, 2, EMG_HZ * 1000, 2.42e6f / 8388607.0f / 6.0f, 24, 1,
     {'u', 'V'}, {'e', 'x', 'g'}},
#else
    {0, CW_KIND_EMG, 2, 2, EMG_HZ * 1000, 1.0f, 13, 0,
     {'c', 'o', 'u', 'n', 't'}, {'e', 'x', 'g'}},
#endif
    {1, CW_KIND_ACC, 2, 3, ACC_HZ * 1000, 1.0f / 8192.0f, 16, 1,
     {'g'}, {'a', 'c', 'c', 'e', 'l'}},
};

struct Sample {
    uint64_t t_us;
    uint32_t number; /* since boot; a sample lost on the way here leaves a hole */
    int32_t value[3];
    uint8_t stream, leads_off;
};

/* One stream's samples on their way into a frame. */
struct Track {
    uint32_t next;
    uint64_t t_us;
    size_t used, count;
    uint8_t leads_off;
    uint8_t frame[CW_LONGEST_FRAME];
};

static Track tracks[2];
static cw_ring ring;
static cw_serial serial_in;
static uint32_t boot_id, sequence[256], dropped;
static QueueHandle_t samples, commands;
static BLECharacteristic *notify_to;
static volatile bool ble_joined;
static bool to_ble, to_serial;
static uint8_t leads_off_now;
static uint64_t haptic_until_us;

struct Request {
    uint8_t stream;
    uint32_t first, count;
};
static Request wanted;

struct Command {
    uint64_t t_us;
    uint16_t size;
    bool by_ble;
    uint8_t payload[32];
};

static uint64_t now_us() { return (uint64_t)esp_timer_get_time(); }

/* ---- sending ---- */

static void send_packed(const uint8_t *frame, size_t size)
{
    if (to_ble && ble_joined) {
        notify_to->setValue((uint8_t *)frame, size);
        notify_to->notify();
    }
    if (to_serial) {
        static uint8_t stuffed[CW_LONGEST_STUFFED];
        Serial.write(stuffed, cw_stuff(frame, size, stuffed, sizeof stuffed));
    }
}

static void send_message(uint8_t type, const uint8_t *payload, size_t count)
{
    static uint8_t out[CW_LONGEST_FRAME];
    cw_frame frame = {type, 0, (uint8_t)(boot_id & CW_FLAG_BOOT), sequence[type]++,
                      now_us(), (uint16_t)count, payload};
    send_packed(out, cw_pack(out, sizeof out, &frame));
}

static void send_info()
{
    static uint8_t payload[33 + 32 * 2];
    cw_info info = {boot_id, (uint64_t)ESP.getEfuseMac(), ring.room ? RING_S : (uint16_t)0,
                    CW_HAS_LEADS_OFF, "Crampwatch band", 2, STREAMS};
    if (PIN_BUTTON >= 0) info.features |= CW_HAS_BUTTON;
    if (PIN_HAPTIC >= 0) info.features |= CW_HAS_HAPTIC;
    if (to_serial) info.features |= CW_IS_WIRED;
    send_message(CW_INFO, payload, cw_put_info(payload, sizeof payload, &info));
}

static void send_status()
{
    uint8_t payload[14];
    uint16_t mv = PIN_BATTERY < 0 ? 0 : (uint16_t)(2 * analogReadMilliVolts(PIN_BATTERY));
    int percent = mv ? constrain(((int)mv - 3400) * 100 / 750, 0, 100) : 255;
    uint16_t held = (uint16_t)(ring.frames / FRAMES_HZ);
    send_message(CW_STATUS, payload,
                 cw_put_status(payload, boot_id, mv, (uint8_t)percent, leads_off_now, held,
                               dropped));
}

static void send_event(uint8_t code, int32_t value)
{
    uint8_t payload[5];
    send_message(CW_EVENT, payload, cw_put_event(payload, code, value));
}

/* ---- samples ---- */

static void close_frame(uint8_t stream)
{
    Track &track = tracks[stream];
    uint8_t flags = (uint8_t)(boot_id & CW_FLAG_BOOT);
    if (track.leads_off) flags |= CW_FLAG_LEADS_OFF;
    cw_frame frame = {CW_DATA, stream, flags, (uint32_t)(track.next - track.count),
                      track.t_us, (uint16_t)track.used, track.frame + CW_HEAD};
    size_t size = cw_pack(track.frame, sizeof track.frame, &frame);
    if (ring.room) cw_ring_keep(&ring, track.frame, size);
    send_packed(track.frame, size);
    track.used = track.count = 0;
    track.leads_off = 0;
}

static void take_sample(const Sample &sample)
{
    const cw_stream &about = STREAMS[sample.stream];
    Track &track = tracks[sample.stream];
    if (track.count && sample.number != track.next) close_frame(sample.stream);
    if (!track.count) track.t_us = sample.t_us;
    uint8_t *at = track.frame + CW_HEAD + track.used;
    for (unsigned i = 0; i < about.channels; i++)
        at = cw_put_sample(at, sample.value[i], about.width);
    track.used = (size_t)(at - track.frame) - CW_HEAD;
    track.count++;
    track.next = sample.number + 1;
    if (sample.stream == 0) {
        track.leads_off |= sample.leads_off;
        if (sample.leads_off != leads_off_now) {
            leads_off_now = sample.leads_off;
            send_event(leads_off_now ? CW_LEADS_OFF : CW_LEADS_ON, leads_off_now);
        }
    }
    if (track.count >= (sample.stream == 0 ? EMG_PER_FRAME : ACC_PER_FRAME))
        close_frame(sample.stream);
}

static void put(Sample &sample)
{
    static uint32_t number[2];
    sample.number = number[sample.stream]++;
    if (xQueueSend(samples, &sample, 0) != pdTRUE) dropped++;
}

#if FRONT_END == ADS1292R
static SPISettings ads_speed(1000000, MSBFIRST, SPI_MODE1);
static volatile uint64_t ready_us;
static TaskHandle_t ads_task;

static void IRAM_ATTR on_ready()
{
    ready_us = now_us();
    BaseType_t woken = pdFALSE;
    vTaskNotifyGiveFromISR(ads_task, &woken);
    if (woken) portYIELD_FROM_ISR();
}

static void ads_command(uint8_t code)
{
    SPI.beginTransaction(ads_speed);
    digitalWrite(PIN_CS, LOW);
    SPI.transfer(code);
    delayMicroseconds(20);
    digitalWrite(PIN_CS, HIGH);
    SPI.endTransaction();
}

static void ads_register(uint8_t address, uint8_t value)
{
    SPI.beginTransaction(ads_speed);
    digitalWrite(PIN_CS, LOW);
    SPI.transfer(0x40 | address);
    delayMicroseconds(20);
    SPI.transfer(0);
    delayMicroseconds(20);
    SPI.transfer(value);
    delayMicroseconds(20);
    digitalWrite(PIN_CS, HIGH);
    SPI.endTransaction();
}

static int32_t int24(const uint8_t *data)
{
    uint32_t word = (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8;
    return (int32_t)word >> 8;
}

static void read_ads(void *)
{
    for (;;) {
        if (!ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(1000))) continue;
        uint8_t word[9];
        Sample sample = {};
        sample.t_us = ready_us;
        SPI.beginTransaction(ads_speed);
        digitalWrite(PIN_CS, LOW);
        for (unsigned i = 0; i < sizeof word; i++) word[i] = SPI.transfer(0);
        digitalWrite(PIN_CS, HIGH);
        SPI.endTransaction();
        sample.leads_off = (uint8_t)((word[0] << 1 | word[1] >> 7) & 0x0F);
        sample.value[0] = int24(word + 3);
        sample.value[1] = int24(word + 6);
        put(sample);
    }
}

static void begin_front_end()
{
    pinMode(PIN_CS, OUTPUT);
    pinMode(PIN_START, OUTPUT);
    pinMode(PIN_RESET, OUTPUT);
    pinMode(PIN_DRDY, INPUT);
    digitalWrite(PIN_CS, HIGH);
    digitalWrite(PIN_START, LOW);
    digitalWrite(PIN_RESET, LOW);
    delay(10);
    digitalWrite(PIN_RESET, HIGH);
    delay(100);
    SPI.begin();
    ads_command(0x11);        /* SDATAC: registers can be written */
    ads_register(0x01, 0x02); /* CONFIG1: 500 samples a second */
    ads_register(0x02, 0xE0); /* CONFIG2: reference and lead-off comparators on */
    ads_register(0x03, 0x10); /* LOFF: 6 nA, direct current */
    ads_register(0x04, 0x00); /* CH1SET: gain 6, electrodes */
    ads_register(0x05, 0x00); /* CH2SET: the same */
    ads_register(0x06, 0x2F); /* RLD_SENS: driven leg from all four electrodes */
    ads_register(0x07, 0x0F); /* LOFF_SENS: watch all four electrodes */
    ads_register(0x09, 0x02); /* RESP1: respiration off */
    ads_register(0x0A, 0x03); /* RESP2: driven leg reference from inside */
    xTaskCreatePinnedToCore(read_ads, "ads", 4096, nullptr, 10, &ads_task, 1);
    attachInterrupt(digitalPinToInterrupt(PIN_DRDY), on_ready, FALLING);
    digitalWrite(PIN_START, HIGH);
    ads_command(0x10); /* RDATAC: every sample is sent */
}
#else
static void read_analog(void *)
{
    TickType_t last = xTaskGetTickCount();
    for (;;) {
        vTaskDelayUntil(&last, pdMS_TO_TICKS(1000 / EMG_HZ));
        Sample sample = {};
        sample.t_us = now_us();
        for (unsigned i = 0; i < 2; i++) sample.value[i] = analogRead(PIN_ANALOG[i]);
        put(sample);
    }
}

static void begin_front_end()
{
    analogReadResolution(12);
    xTaskCreatePinnedToCore(read_analog, "emg", 4096, nullptr, 10, nullptr, 1);
}
#endif

static void imu_register(uint8_t address, uint8_t value)
{
    Wire.beginTransmission(0x68);
    Wire.write(address);
    Wire.write(value);
    Wire.endTransmission();
}

static void read_imu(void *)
{
    TickType_t last = xTaskGetTickCount();
    imu_register(0x6B, 0x01); /* awake, gyroscope clock */
    imu_register(0x1C, 0x08); /* 4 g: 8192 counts for 1 g */
    for (;;) {
        vTaskDelayUntil(&last, pdMS_TO_TICKS(1000 / ACC_HZ));
        Sample sample = {};
        sample.stream = 1;
        sample.t_us = now_us();
        Wire.beginTransmission(0x68);
        Wire.write(0x3B);
        bool there = !Wire.endTransmission(false) && Wire.requestFrom(0x68, 6) == 6;
        for (unsigned i = 0; there && i < 3; i++) {
            int high = Wire.read();
            sample.value[i] = (int16_t)(high << 8 | Wire.read());
        }
        if (there) put(sample);
    }
}

/* ---- commands ---- */

static void queue_command(const cw_frame &frame, bool by_ble)
{
    Command command = {};
    if (frame.type != CW_COMMAND || !frame.count || frame.count > sizeof command.payload) return;
    command.t_us = now_us();
    command.by_ble = by_ble;
    command.size = frame.count;
    memcpy(command.payload, frame.payload, frame.count);
    xQueueSend(commands, &command, 0);
}

static void obey(const Command &command)
{
    const uint8_t *payload = command.payload;
    bool &joined = command.by_ble ? to_ble : to_serial;
    switch (payload[0]) {
    case CW_ASK_START:
        joined = true;
        send_info();
        send_status();
        break;
    case CW_ASK_STOP:
        joined = false;
        break;
    case CW_ASK_INFO: {
        bool before = joined;
        joined = true;
        send_info();
        joined = before;
        break;
    }
    case CW_ASK_TIME:
        if (command.size >= 9) {
            uint8_t answer[16];
            send_message(CW_TIME, answer,
                         cw_put_time(answer, cw_get(payload + 1, 8), command.t_us));
        }
        break;
    case CW_ASK_RESEND:
        if (command.size >= 10 && payload[1] < 2) {
            wanted.stream = payload[1];
            wanted.first = (uint32_t)cw_get(payload + 2, 4);
            wanted.count = (uint32_t)cw_get(payload + 6, 4);
        }
        break;
    case CW_ASK_HAPTIC:
        if (command.size >= 4 && PIN_HAPTIC >= 0) {
            analogWrite(PIN_HAPTIC, payload[3]);
            haptic_until_us = now_us() + 1000u * cw_get(payload + 1, 2);
        }
        break;
    default:
        break;
    }
}

/* Sends a few of the wanted frames, oldest first, so that new ones are not held up. */
static void send_again()
{
    unsigned sent = 0;
    size_t size;
    cw_walk walk = cw_ring_walk(&ring);
    const cw_stream &about = STREAMS[wanted.stream];
    while (uint8_t *frame = cw_ring_next(&ring, &walk, &size)) {
        uint32_t count = (uint32_t)(size - CW_OVERHEAD) / (about.width * about.channels);
        if (!cw_is_wanted(frame, wanted.stream, wanted.first, wanted.count, count)) continue;
        uint32_t skipped = (uint32_t)cw_get(frame + 4, 4) - wanted.first;
        cw_mark_resent(frame, size);
        send_packed(frame, size);
        wanted.first += skipped + count;
        wanted.count -= skipped + count;
        if (++sent >= 8 || !wanted.count) return;
    }
    wanted.count = 0;
}

class Joined : public BLEServerCallbacks {
    void onConnect(BLEServer *) override { ble_joined = true; }
    void onDisconnect(BLEServer *server) override
    {
        ble_joined = false;
        server->startAdvertising();
    }
};

class Written : public BLECharacteristicCallbacks {
    void onWrite(BLECharacteristic *characteristic) override
    {
        cw_frame frame;
        if (cw_unpack(characteristic->getData(), characteristic->getLength(), &frame))
            queue_command(frame, true);
    }
};

static void begin_ble()
{
    BLEDevice::init("Crampwatch band");
    BLEDevice::setMTU(247);
    BLEServer *server = BLEDevice::createServer();
    server->setCallbacks(new Joined());
    BLEService *service = server->createService(SERVICE);
    notify_to = service->createCharacteristic(FROM_DEVICE, BLECharacteristic::PROPERTY_NOTIFY);
    notify_to->addDescriptor(new BLE2902());
    BLECharacteristic *in = service->createCharacteristic(
        TO_DEVICE, BLECharacteristic::PROPERTY_WRITE | BLECharacteristic::PROPERTY_WRITE_NR);
    in->setCallbacks(new Written());
    service->start();
    server->getAdvertising()->addServiceUUID(SERVICE);
    server->startAdvertising();
}

static void watch_button()
{
    static bool down;
    static uint32_t changed_ms;
    bool is_down = PIN_BUTTON >= 0 && digitalRead(PIN_BUTTON) == LOW;
    if (is_down == down || millis() - changed_ms < 30) return;
    down = is_down;
    changed_ms = millis();
    send_event(down ? CW_BUTTON_DOWN : CW_BUTTON_UP, 0);
}

void setup()
{
    Serial.begin(921600);
    boot_id = esp_random();
    samples = xQueueCreate(256, sizeof(Sample));
    commands = xQueueCreate(8, sizeof(Command));
    if (PIN_BUTTON >= 0) pinMode(PIN_BUTTON, INPUT_PULLUP);
    if (PIN_HAPTIC >= 0) pinMode(PIN_HAPTIC, OUTPUT);
    /* once, at the start; a board without PSRAM streams and cannot send again */
    size_t room = (size_t)RING_S * (EMG_HZ * 6 + ACC_HZ * 6 + FRAMES_HZ * (CW_OVERHEAD + 2));
    if (uint8_t *memory = (uint8_t *)ps_malloc(room)) cw_ring_begin(&ring, memory, room);
    Wire.begin();
    begin_ble();
    begin_front_end();
    xTaskCreatePinnedToCore(read_imu, "imu", 4096, nullptr, 5, nullptr, 1);
}

void loop()
{
    static uint32_t info_ms, status_ms;
    Sample sample;
    Command command;
    cw_frame frame;
    while (Serial.available())
        if (cw_serial_take(&serial_in, (uint8_t)Serial.read(), &frame))
            queue_command(frame, false);
    while (xQueueReceive(commands, &command, 0) == pdTRUE) obey(command);
    for (int i = 0; i < 64 && xQueueReceive(samples, &sample, 0) == pdTRUE; i++)
        take_sample(sample);
    if (wanted.count) send_again();
    watch_button();
    if (haptic_until_us && now_us() >= haptic_until_us) {
        haptic_until_us = 0;
        analogWrite(PIN_HAPTIC, 0);
        send_event(CW_HAPTIC_DONE, 0);
    }
    if (millis() - info_ms >= INFO_MS) {
        info_ms = millis();
        send_info();
    }
    if (millis() - status_ms >= STATUS_MS) {
        status_ms = millis();
        send_status();
    }
    delay(1);
}
