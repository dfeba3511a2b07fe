namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>One instruction, ready to run.</summary>
internal delegate void PtxStep(PtxLane lane);

/// <summary>Reads an operand.</summary>
internal delegate ulong PtxValue(PtxLane lane);
