/* Just enough of the Arduino core for ESP32 to see that the sketch is correct C++. */
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#define IRAM_ATTR
#define OUTPUT 1
#define INPUT 0
#define INPUT_PULLUP 2
#define LOW 0
#define HIGH 1
#define FALLING 2
#define pdTRUE 1
#define pdFALSE 0
#define pdMS_TO_TICKS(ms) (ms)
#define digitalPinToInterrupt(pin) (pin)
#define portYIELD_FROM_ISR() ((void)0)
#define constrain(value, low, high) ((value) < (low) ? (low) : (value) > (high) ? (high) : (value))

typedef int BaseType_t;
typedef uint32_t TickType_t;
typedef void *QueueHandle_t;
typedef void *TaskHandle_t;

int64_t esp_timer_get_time();
uint32_t esp_random();
uint32_t millis();
void delay(uint32_t);
void delayMicroseconds(uint32_t);
void pinMode(int, int);
void digitalWrite(int, int);
int digitalRead(int);
int analogRead(int);
uint32_t analogReadMilliVolts(int);
void analogReadResolution(int);
void analogWrite(int, int);
void attachInterrupt(int, void (*)(), int);
void *ps_malloc(size_t);
QueueHandle_t xQueueCreate(unsigned, unsigned);
BaseType_t xQueueSend(QueueHandle_t, const void *, TickType_t);
BaseType_t xQueueReceive(QueueHandle_t, void *, TickType_t);
uint32_t ulTaskNotifyTake(BaseType_t, TickType_t);
void vTaskNotifyGiveFromISR(TaskHandle_t, BaseType_t *);
TickType_t xTaskGetTickCount();
void vTaskDelayUntil(TickType_t *, TickType_t);
BaseType_t xTaskCreatePinnedToCore(
    void (*)(void *), const char *, uint32_t, void *, unsigned, TaskHandle_t *, int);

struct HardwareSerial {
    void begin(unsigned long);
    int available();
    int read();
    size_t write(const uint8_t *, size_t);
};
extern HardwareSerial Serial;
struct EspClass {
    uint64_t getEfuseMac();
};
extern EspClass ESP;
