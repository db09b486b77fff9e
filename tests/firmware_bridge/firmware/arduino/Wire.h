#pragma once
#include <cstddef>
#include <cstdint>
struct TwoWire {
    bool begin();
    void beginTransmission(uint8_t);
    uint8_t endTransmission(bool stop = true);
    size_t requestFrom(uint8_t, size_t);
    size_t write(uint8_t);
    int read();
};
extern TwoWire Wire;
