trigger EsimEventTrigger on eSIM_Event__e(after insert) {
    EsimEventHandler.onEvents(Trigger.new);
}
