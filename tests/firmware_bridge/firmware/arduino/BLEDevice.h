#pragma once
#include <cstddef>
#include <cstdint>
struct BLEDescriptor {};
struct BLECharacteristic;
struct BLECharacteristicCallbacks {
    virtual ~BLECharacteristicCallbacks() {}
    virtual void onWrite(BLECharacteristic *) {}
};
struct BLECharacteristic {
    static const uint32_t PROPERTY_NOTIFY = 1, PROPERTY_WRITE = 2, PROPERTY_WRITE_NR = 4;
    void setValue(uint8_t *, size_t);
    void notify();
    uint8_t *getData();
    size_t getLength();
    void addDescriptor(BLEDescriptor *);
    void setCallbacks(BLECharacteristicCallbacks *);
};
struct BLEService {
    BLECharacteristic *createCharacteristic(const char *, uint32_t);
    void start();
};
struct BLEAdvertising {
    void addServiceUUID(const char *);
};
struct BLEServer;
struct BLEServerCallbacks {
    virtual ~BLEServerCallbacks() {}
    virtual void onConnect(BLEServer *) {}
    virtual void onDisconnect(BLEServer *) {}
};
struct BLEServer {
    void setCallbacks(BLEServerCallbacks *);
    BLEService *createService(const char *);
    BLEAdvertising *getAdvertising();
    void startAdvertising();
};
struct BLEDevice {
    static void init(const char *);
    static int setMTU(uint16_t);
    static BLEServer *createServer();
};
