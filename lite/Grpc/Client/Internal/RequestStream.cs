namespace Grpc.Net.Client.Internal;

/// <summary>Joins the writer of a call and the body of its HTTP request: when the body is open, and when it is complete.</summary>
internal sealed class RequestStream
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Continues in the thread that completes: the end of the body is on its way when CompleteAsync returns, and a call that is
    // disposed right after it is not reset.
    private readonly TaskCompletionSource _completion = new();

    /// <summary>The body, once it can be written.</summary>
    public Task<Stream> Stream => _stream.Task;

    /// <summary>Done when no more is written.</summary>
    public Task Completion => _completion.Task;

    /// <summary>The body can be written.</summary>
    public void Open(Stream stream) => _stream.TrySetResult(stream);

    /// <summary>Nothing more is written; the body ends.</summary>
    public void Complete() => _completion.TrySetResult();

    /// <summary>The call is over; the body breaks off unless it was complete.</summary>
    public void Stop()
    {
        _stream.TrySetCanceled();
        _completion.TrySetCanceled();
    }
}
