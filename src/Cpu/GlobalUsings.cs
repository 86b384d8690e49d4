global using unsafe Handler = delegate*<Kennel.Machine.CpuState*, Kennel.Cpu.Interpreter.Op*, Kennel.Cpu.Interpreter.Op*>;
