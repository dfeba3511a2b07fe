namespace ILGPU.Runtime.OpenCL;

/// <summary>Errors of OpenCL, as its specification numbers them.</summary>
public enum CLError
{
    /// <summary>No error.</summary>
    CL_SUCCESS = 0,

    /// <summary>A buffer could not be had.</summary>
    CL_MEM_OBJECT_ALLOCATION_FAILURE = -4,

    /// <summary>The device has not enough of something.</summary>
    CL_OUT_OF_RESOURCES = -5,

    /// <summary>The host has no memory left.</summary>
    CL_OUT_OF_HOST_MEMORY = -6,
}
