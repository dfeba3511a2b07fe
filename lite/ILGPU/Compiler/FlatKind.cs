namespace ILGPU.Compiler;

/// <summary>What a step of a kernel does.</summary>
internal enum FlatKind
{
    /// <summary>An instruction as it is.</summary>
    Plain,

    /// <summary>Pushes a variable.</summary>
    Load,

    /// <summary>Pops into a variable.</summary>
    Store,

    /// <summary>Pushes the address of a variable.</summary>
    Address,

    /// <summary>Jumps, perhaps, to one of several labels.</summary>
    Branch,

    /// <summary>A label.</summary>
    Label,

    /// <summary>Pushes a field of the group's context.</summary>
    GroupValue,

    /// <summary>Pushes a field of the lane's context.</summary>
    LaneValue,

    /// <summary>Calls a method with the operands on the stack, the group and the lane.</summary>
    ContextCall,

    /// <summary>The same, and the number of the place in the code.</summary>
    SiteCall,

    /// <summary>Waits for other lanes.</summary>
    Suspend,

    /// <summary>Ends the lane.</summary>
    Return,
}
